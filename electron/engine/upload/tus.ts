/**
 * tus 1.0 servers, by tus-js-client. A file is sent in order, one PATCH per part; it resumes at the server's offset
 * (HEAD). The last part is sent only after the whole file's hash was verified, since its arrival completes the file
 * there.
 */
import type { Readable } from 'node:stream';
import { DefaultHttpStack, type DetailedError, type HttpRequest, Upload, type UploadOptions } from 'tus-js-client';
import { FieldroomError } from '../../common/errors.ts';
import type {
  Destination,
  DestinationKeys,
  PartRecord,
  Proof,
  RemoteObject,
  SendJob,
  TusSettings,
} from './destination.ts';
import { placeOfTus } from './destinationNames.ts';
import { httpGet } from './httpGet.ts';
import type { Slot } from './limiter.ts';
import { readBack } from './readBack.ts';
import { type DestinationParts, retry } from './request.ts';
import { retryAfterMs } from './retry.ts';
import { authorities } from './s3Client.ts';
import { networkTrouble, statusTrouble, trouble } from './uploadErrors.ts';

const PART_BYTES = 8 * 1024 * 1024;
/** tus checksum extension: the part did not match. */
const CHECKSUM_MISMATCH = 460;
const VERSION = { 'Tus-Resumable': '1.0.0' };

export class TusDestination implements Destination {
  readonly settings: TusSettings;
  readonly place: string;
  readonly #parts: DestinationParts;
  readonly #headers: Record<string, string>;
  readonly #tls: { ca?: string[] };
  #algorithms: Promise<string[]> | null = null;
  /** Addresses with a query, which may contain a token: only the part before it is ever stored. */
  readonly #whole = new Map<string, string>();

  constructor(settings: TusSettings, keys: DestinationKeys, parts: DestinationParts) {
    this.settings = settings;
    this.place = placeOfTus(settings);
    this.#parts = parts;
    this.#headers = keys.bearer ? { Authorization: `Bearer ${keys.bearer}` } : {};
    this.#tls = authorities(settings.caFile);
  }

  async send(job: SendJob): Promise<string> {
    const partBytes = job.progress.partBytes ?? this.settings.partBytes ?? PART_BYTES;
    const slot = await this.#parts.limiter.enter(Math.min(partBytes, job.object.bytes));
    try {
      return await this.#retry((signal, move) => this.#upload(job, partBytes, slot, signal, move), slot);
    } catch (error) {
      const { serverId } = job.progress;
      if (error instanceof FieldroomError && error.code === 'upload.file-changed' && serverId !== null) {
        // A changed file must never be completed there.
        await this.remove(serverId).catch(() => undefined);
        job.progress.forget();
      }
      throw error;
    } finally {
      slot.leave();
    }
  }

  async check(
    object: RemoteObject,
    location: string,
    _parts: readonly PartRecord[],
    _before: Proof | null,
  ): Promise<Proof> {
    try {
      return await this.#parts.retrier.retry(() => readBack(this, object, location));
    } catch (error) {
      if (!(error instanceof FieldroomError) || error.code !== 'upload.not-there') throw error;
      // The server reports it as complete but does not allow reading.
      if ((await this.size(location)) === object.bytes) throw trouble('cannot-verify', this.place);
      throw trouble('not-whole', this.place, location, { cause: error });
    }
  }

  /** Also null for an incomplete file. */
  async size(location: string): Promise<number | null> {
    const { statusCode, headers } = await this.#get(location, 'HEAD');
    if (statusCode === 404 || statusCode === 410) return null;
    if (statusCode !== 200 && statusCode !== 204) throw this.#refused(statusCode ?? 0, headers['retry-after']);
    const offset = Number(headers['upload-offset']);
    return offset === Number(headers['upload-length']) ? offset : null;
  }

  async fingerprint(location: string): Promise<string | null> {
    const bytes = await this.size(location);
    return bytes === null ? null : `${bytes}`;
  }

  async read(location: string): Promise<Readable> {
    const answer = await this.#get(location, 'GET');
    const { statusCode = 0, headers } = answer;
    if (statusCode === 200) return answer;
    answer.destroy();
    if (statusCode === 404 || statusCode === 405 || statusCode === 410)
      throw trouble('not-there', this.place, `${location}: status ${statusCode}`);
    throw this.#refused(statusCode, headers['retry-after']);
  }

  locationOf(): null {
    return null;
  }

  async remove(location: string): Promise<void> {
    await this.#retry(() =>
      Upload.terminate(this.#address(location), { headers: this.#headers, httpStack: this.#stack(), retryDelays: [] }),
    );
  }

  close(): void {}

  #upload(job: SendJob, partBytes: number, slot: Slot, signal: AbortSignal, move: () => void): Promise<string> {
    const { object, content, progress } = job;
    const { limiter } = this.#parts;
    let last: PartRecord | null = null;
    return new Promise((resolve, reject) => {
      const options: UploadOptions = {
        // No endpoint once the address is known, so that a temporary server error does not start a new upload.
        ...(progress.serverId === null
          ? { endpoint: this.settings.endpoint }
          : { uploadUrl: this.#address(progress.serverId) }),
        metadata: this.#metadata(object),
        headers: this.#headers,
        chunkSize: partBytes,
        retryDelays: null,
        storeFingerprintForResuming: false,
        fingerprint: async () => object.key,
        httpStack: this.#stack(),
        fileReader: {
          openFile: async () => ({
            size: object.bytes,
            slice: async (from, to) => {
              const end = Math.min(to, object.bytes);
              const { data, sha256 } = await content.slice(from, end, slot.memory);
              last = { number: Math.ceil(end / partBytes), bytes: end - from, sha256, tag: '' };
              return {
                value: Object.assign(limiter.stream(data, move), { size: data.length }),
                done: end >= object.bytes,
              };
            },
            close: () => undefined,
          }),
        },
        onBeforeRequest: async (request) => {
          if (request.getMethod() === 'PATCH' && last) await this.#addChecksum(request, last.sha256);
        },
        onUploadUrlAvailable: () => {
          const known = this.#known(upload.url);
          if (known && known !== progress.serverId) progress.begun(known, partBytes);
          move();
        },
        onChunkComplete: () => {
          move();
          if (last) progress.confirmed(last);
        },
        onSuccess: () => resolve(this.#known(upload.url)),
        onError: (error) => reject(error),
      };
      const upload = new Upload(Buffer.alloc(0), options);
      signal.addEventListener('abort', () => void upload.abort());
      if (signal.aborted) reject(signal.reason as Error);
      else upload.start();
    });
  }

  async #addChecksum(request: HttpRequest, sha256: string): Promise<void> {
    if ((await this.#checksums()).includes('sha256'))
      request.setHeader('Upload-Checksum', `sha256 ${Buffer.from(sha256, 'hex').toString('base64')}`);
  }

  /** Algorithms of the checksum extension; empty if the server does not support it. */
  #checksums(): Promise<string[]> {
    this.#algorithms ??= this.#get(this.settings.endpoint, 'OPTIONS')
      .then(({ headers }) => String(headers['tus-checksum-algorithm'] ?? '').split(','))
      .catch(() => []);
    return this.#algorithms;
  }

  /** Metadata from which a server can name the file. */
  #metadata({ key, sha256 }: RemoteObject): Record<string, string> {
    const { prefix } = this.settings;
    const [study = '', session = ''] = key.split('/');
    return {
      filename: prefix ? `${prefix}/${key}` : key,
      filetype: 'application/octet-stream',
      study,
      session,
      sha256,
    };
  }

  /** An address without secrets. */
  #known(url: string | null): string {
    const known = url?.split(/[?#]/)[0] ?? '';
    if (url && url !== known) this.#whole.set(known, url);
    return known;
  }

  #address(known: string): string {
    return this.#whole.get(known) ?? known;
  }

  #stack(): DefaultHttpStack {
    return new DefaultHttpStack(this.#tls);
  }

  async #get(url: string, method: 'GET' | 'HEAD' | 'OPTIONS') {
    return this.#retry(async (signal) => {
      const answer = await httpGet(this.#address(url), {
        method,
        signal,
        headers: { ...VERSION, ...this.#headers },
        ...this.#tls,
      });
      if (method !== 'GET') answer.resume();
      const { statusCode = 0, headers } = answer;
      const html = /^text\/html/.test(headers['content-type'] ?? '') && !headers['tus-resumable'];
      if (
        method === 'GET' &&
        ((html && statusCode === 200) || statusCode === 511 || (statusCode >= 300 && statusCode < 400))
      ) {
        answer.destroy();
        throw trouble('captive-portal', this.place, `status ${statusCode}`);
      }
      if (statusCode >= 500 || statusCode === 429) {
        answer.destroy();
        throw this.#refused(statusCode, headers['retry-after']);
      }
      return answer;
    });
  }

  #retry<T>(work: (signal: AbortSignal, move: () => void) => Promise<T>, slot?: Slot): Promise<T> {
    return retry(this.#parts, this.place, (error) => this.#troubleOf(error), work, slot);
  }

  #troubleOf(error: unknown): unknown {
    if (error instanceof FieldroomError) return error;
    const { originalResponse, causingError } = error as Partial<DetailedError> & { causingError?: unknown };
    // An error from reading the file arrives as a cause.
    if (causingError instanceof FieldroomError) return causingError;
    if (!originalResponse) return networkTrouble(causingError ?? error, this.place) ?? error;
    const status = originalResponse.getStatus();
    if (status === CHECKSUM_MISMATCH) return trouble('corrupted', this.place, `status ${status}`, { cause: error });
    return this.#refused(status, originalResponse.getHeader('Retry-After'), error);
  }

  #refused(status: number, retryAfter: string | undefined, cause?: unknown): FieldroomError {
    const pause = retryAfterMs(retryAfter);
    // 409: the server's offset differs; HEAD gives the right one. 2xx without the headers that tus requires: not a tus
    // server.
    const name =
      status === 409 ? 'broken-off' : status >= 200 && status < 300 ? 'strange-answer' : statusTrouble(status);
    return trouble(name, this.place, `status ${status}`, {
      cause,
      data: { status, ...(pause ? { retryAfterMs: pause } : {}) },
    });
  }
}
