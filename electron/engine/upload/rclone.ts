/**
 * Any storage that rclone reaches, as a destination. rclone cannot resume a file after a restart, so an interrupted
 * file starts over. A remote's checksums are not trusted: every file is read back.
 */
import type { Readable } from 'node:stream';
import type { Destination, PartRecord, Proof, RcloneSettings, RemoteObject, SendJob } from './destination.ts';
import { placeOfRclone } from './destinationNames.ts';
import { BUCKET, RcloneServer } from './rcloneServer.ts';
import { readBack } from './readBack.ts';
import type { DestinationParts } from './request.ts';
import { S3Destination } from './s3.ts';
import { s3Client } from './s3Client.ts';

export class RcloneDestination implements Destination {
  readonly settings: RcloneSettings;
  readonly place: string;
  readonly #parts: DestinationParts;
  #server: Promise<RcloneServer> | null = null;
  #inner: Promise<S3Destination> | null = null;

  constructor(settings: RcloneSettings, parts: DestinationParts) {
    this.settings = settings;
    this.place = placeOfRclone(settings);
    this.#parts = parts;
  }

  async send(job: SendJob): Promise<string> {
    return (await this.#open()).send(job);
  }

  async check(
    object: RemoteObject,
    location: string,
    _parts: readonly PartRecord[],
    _before: Proof | null,
  ): Promise<Proof> {
    const inner = await this.#open();
    return this.#parts.retrier.retry(() => readBack(inner, object, location));
  }

  async size(location: string): Promise<number | null> {
    return (await this.#open()).size(location);
  }

  async fingerprint(location: string): Promise<string | null> {
    return (await this.#open()).fingerprint(location);
  }

  async read(location: string): Promise<Readable> {
    return (await this.#open()).read(location);
  }

  locationOf(key: string): string {
    return key;
  }

  async remove(location: string): Promise<void> {
    await (await this.#open()).remove(location);
  }

  close(): void {
    void this.#inner?.then((inner) => inner.close()).catch(() => undefined);
    void this.#server?.then((server) => server.close()).catch(() => undefined);
  }

  #open(): Promise<S3Destination> {
    this.#server ??= RcloneServer.start(this.settings);
    this.#inner ??= this.#server.then(({ url, keys }) => {
      const { prefix, partBytes } = this.settings;
      const settings = {
        ...{ kind: 's3' as const, bucket: BUCKET, prefix, endpoint: url, region: 'us-east-1', pathStyle: true },
        ...(partBytes === undefined ? {} : { partBytes }),
      };
      return new S3Destination(settings, s3Client(settings, keys), this.#parts, this.place);
    });
    return this.#inner;
  }
}
