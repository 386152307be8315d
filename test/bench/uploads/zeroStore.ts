/**
 * A tus server for sessions larger than the disk. For large files it only checks that every byte is zero, as in sparse
 * files, and returns zeros when read. Small files are stored.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { DataStore, ERRORS, Server, type Upload } from '@tus/server';

const SMALL_BYTES = 4 * 1024 * 1024;
const ZEROS = Buffer.alloc(1024 * 1024);

interface Kept {
  upload: Upload;
  offset: number;
  /** Contents of the small files. */
  bytes: Buffer | null;
}

class ZeroStore extends DataStore {
  readonly #kept = new Map<string, Kept>();

  constructor() {
    super();
    this.extensions = ['creation', 'termination'];
  }

  override async create(upload: Upload): Promise<Upload> {
    const size = upload.size ?? 0;
    this.#kept.set(upload.id, { upload, offset: 0, bytes: size <= SMALL_BYTES ? Buffer.alloc(size) : null });
    return upload;
  }

  override async write(stream: Readable, id: string, offset: number): Promise<number> {
    const kept = this.#of(id);
    kept.offset = offset;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (kept.bytes) chunk.copy(kept.bytes, kept.offset);
      else
        for (let at = 0; at < chunk.length; at += ZEROS.length) {
          const piece = chunk.subarray(at, at + ZEROS.length);
          if (!piece.equals(ZEROS.subarray(0, piece.length))) throw new Error('this store keeps zeros only');
        }
      kept.offset += chunk.length;
    }
    return kept.offset;
  }

  override async getUpload(id: string): Promise<Upload> {
    const { upload, offset } = this.#of(id);
    upload.offset = offset;
    return upload;
  }

  override async remove(id: string): Promise<void> {
    this.#kept.delete(id);
  }

  read(id: string): Readable {
    const { bytes, upload } = this.#of(id);
    return bytes ? Readable.from([bytes]) : Readable.from(zeros(upload.size ?? 0));
  }

  #of(id: string): Kept {
    const kept = this.#kept.get(id);
    if (!kept) throw ERRORS.FILE_NOT_FOUND;
    return kept;
  }
}

function* zeros(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
}

export interface ZeroServer extends AsyncDisposable {
  url: string;
}

export async function zeroServer(): Promise<ZeroServer> {
  const handler = new Server({ path: '/files', datastore: new ZeroStore() });
  const http = createServer((request, response) => void handler.handle(request, response));
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((done) => http.close(done));
    },
  };
}
