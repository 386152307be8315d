/**
 * Limits what one life of the uploader may send: no part that its journal had confirmed at its start, and each remaining
 * part once. Across a kill, only the parts in flight may be sent twice.
 */
import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { REMOTE_RECEIPT } from '../../../electron/engine/upload/destination.ts';
import { journalPath } from '../../../electron/engine/upload/journal.ts';
import type { FaultProxy } from '../../fixtures/upload/faultProxy.ts';

interface FileEntry {
  id: number;
  path: string;
  bytes: number;
  state: string;
  serverId: string | null;
  partBytes: number | null;
}

export class WireLedger {
  readonly #proxy: FaultProxy;
  readonly #data: string;
  readonly #after: number;
  #before = new Map<string, number>();
  #files: FileEntry[] = [];
  /** `file id/number` → bytes. */
  #confirmed = new Map<string, number>();

  /** Ledger of the next upload that appears in the journal of `data`. */
  constructor(proxy: FaultProxy, data: string) {
    this.#proxy = proxy;
    this.#data = data;
    this.#after =
      this.#journal((journal) => journal.prepare('SELECT max(id) FROM upload').pluck().get() as number) ?? 0;
  }

  /** Confirmed bytes of the files in progress. */
  get confirmedBytes(): number {
    return this.#files
      .filter(({ state }) => state === 'sending' || state === 'completing')
      .reduce((sum, file) => sum + sumOf(this.#confirmed, file), 0);
  }

  /** Starts a life. */
  begin(): void {
    this.#before = new Map(this.#proxy.bodyBytes);
    this.#read();
  }

  /** Ends the life. @returns what it sent and should not have, in words */
  end(): string[] {
    const was = { files: this.#files, confirmed: this.#confirmed };
    this.#read();
    return [...this.#proxy.bodyBytes].flatMap(([request, total]) => {
      const sent = total - (this.#before.get(request) ?? 0);
      const most = sent > 0 ? this.#most(request, was) : null;
      return most !== null && sent > most ? [`${request}: ${sent} bytes were sent, where ${most} were missing`] : [];
    });
  }

  /** Bytes that a request may carry in one life; null: the request does not belong to a session's file. */
  #most(request: string, was: { files: FileEntry[]; confirmed: ReadonlyMap<string, number> }): number | null {
    const [method = '', url = ''] = request.split(' ');
    const { pathname, searchParams } = new URL(url, 'http://proxy');
    const uploadId = searchParams.get('uploadId');
    const isOf = ({ serverId, path }: FileEntry): boolean =>
      uploadId === null
        ? method === 'PATCH'
          ? serverId !== null && new URL(serverId).pathname === pathname
          : decodeURIComponent(pathname).endsWith(`/${path}`)
        : serverId === uploadId;
    // A file that this life began is in the journal only now.
    const file = was.files.find(isOf) ?? this.#files.find(isOf);
    // A receipt belongs to the life that wrote it.
    if (!file || file.path === REMOTE_RECEIPT || (method !== 'PUT' && method !== 'PATCH')) return null;
    if (file.state === 'sent' || file.state === 'verified') return was.files.includes(file) ? 0 : file.bytes;
    if (uploadId === null) return file.bytes - (was.files.includes(file) ? sumOf(was.confirmed, file) : 0);
    const part = `${file.id}/${searchParams.get('partNumber')}`;
    return was.confirmed.has(part) ? 0 : (file.partBytes ?? 0);
  }

  #read(): void {
    this.#files = [];
    this.#confirmed = new Map();
    this.#journal((journal) => {
      this.#files = journal
        .prepare(
          'SELECT id, path, bytes, state, server_id AS serverId, part_bytes AS partBytes FROM file WHERE upload > ?',
        )
        .all(this.#after) as FileEntry[];
      const parts = journal.prepare('SELECT file, number, bytes FROM part').all();
      for (const { file, number, bytes } of parts as { file: number; number: number; bytes: number }[])
        this.#confirmed.set(`${file}/${number}`, bytes);
    });
  }

  /** Null before the first one. */
  #journal<T>(read: (journal: Database.Database) => T): T | null {
    if (!existsSync(journalPath(this.#data))) return null;
    const journal = new Database(journalPath(this.#data), { readonly: true });
    try {
      return read(journal);
    } finally {
      journal.close();
    }
  }
}

const sumOf = (confirmed: ReadonlyMap<string, number>, { id }: FileEntry): number =>
  [...confirmed].reduce((sum, [part, bytes]) => sum + (part.startsWith(`${id}/`) ? bytes : 0), 0);
