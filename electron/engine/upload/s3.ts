/**
 * S3-compatible storage, using the individual multipart commands, because the state must outlive the process and every
 * checksum comes from our own journal. Bodies are streamed (limit, stalls, pause) with a signed hash.
 */
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { FieldroomError } from '../../common/errors.ts';
import type { Slice } from './content.ts';
import type { Destination, PartRecord, Proof, RemoteObject, S3Settings, SendJob } from './destination.ts';
import { placeOfS3 } from './destinationNames.ts';
import type { Slot } from './limiter.ts';
import { readBack } from './readBack.ts';
import { type DestinationParts, retry } from './request.ts';
import { type S3Request, s3Error } from './s3Errors.ts';
import { type Ask, serverRefusesWrongChecksums } from './s3Honesty.ts';
import { base64Of, compositeOf, keyPath } from './s3Names.ts';
import { trouble } from './uploadErrors.ts';

const MIB = 1024 * 1024;
/** S3's minimum size of a part that is not the last. */
const SMALLEST_PART_BYTES = 5 * MIB;
const USUAL_PART_BYTES = 8 * MIB;
/** S3 allows 10,000 parts; some are kept in reserve for a file whose upload began with smaller parts. */
const MOST_PARTS = 9000;

export class S3Destination implements Destination {
  readonly settings: S3Settings;
  readonly place: string;
  readonly #client: S3Client;
  readonly #parts: DestinationParts;
  #honest: Promise<boolean> | null = null;

  /** @param place its displayed name, if different from the server's */
  constructor(settings: S3Settings, client: S3Client, parts: DestinationParts, place = placeOfS3(settings)) {
    this.settings = settings;
    this.place = place;
    this.#client = client;
    this.#parts = parts;
  }

  async send(job: SendJob): Promise<string> {
    const { object, progress } = job;
    const partBytes = progress.partBytes ?? this.#partBytes(object.bytes);
    if (object.bytes <= partBytes && progress.serverId === null) await this.#put(job);
    else await this.#multipart(job, partBytes);
    return object.key;
  }

  async check(object: RemoteObject, key: string, parts: readonly PartRecord[], before: Proof | null): Promise<Proof> {
    const head = await this.#ask(
      (options) => this.#client.send(new HeadObjectCommand({ ...this.#at(key), ChecksumMode: 'ENABLED' }), options),
      'object',
    );
    if (head.ContentLength !== object.bytes)
      throw trouble('not-whole', this.place, `${key} has ${head.ContentLength} bytes, not ${object.bytes}`);
    const expected = [parts.length > 0 ? compositeOf(parts) : base64Of(object.sha256), before?.checksum];
    const told = head.ChecksumSHA256;
    if (told && expected.includes(told) && (await this.#isHonest()))
      return { by: 'server-checksum', checksum: told, at: new Date().toISOString() };
    return this.#parts.retrier.retry(() => readBack(this, object, key));
  }

  async size(key: string): Promise<number | null> {
    return (await this.#head(key))?.ContentLength ?? null;
  }

  async fingerprint(key: string): Promise<string | null> {
    const head = await this.#head(key);
    return head && `${head.ETag} ${head.ContentLength} ${head.LastModified?.toISOString()}`;
  }

  async #head(key: string): Promise<HeadObjectCommandOutput | null> {
    try {
      return await this.#ask((options) => this.#client.send(new HeadObjectCommand(this.#at(key)), options), 'object');
    } catch (error) {
      if (error instanceof FieldroomError && error.code === 'upload.not-there') return null;
      throw error;
    }
  }

  async read(key: string): Promise<Readable> {
    const { Body } = await this.#ask(
      (options) => this.#client.send(new GetObjectCommand(this.#at(key)), options),
      'object',
    );
    return Body as Readable;
  }

  locationOf(key: string): string {
    return key;
  }

  async remove(key: string): Promise<void> {
    await this.#ask((options) => this.#client.send(new DeleteObjectCommand(this.#at(key)), options));
  }

  close(): void {
    this.#client.destroy();
  }

  #partBytes(bytes: number): number {
    if (this.settings.partBytes) return Math.max(this.settings.partBytes, Math.ceil(bytes / 10_000));
    return Math.max(USUAL_PART_BYTES, SMALLEST_PART_BYTES, Math.ceil(bytes / MOST_PARTS / MIB) * MIB);
  }

  async #put({ object, content }: SendJob): Promise<void> {
    const slot = await this.#parts.limiter.enter(object.bytes);
    try {
      const slice = await content.slice(0, object.bytes, slot.memory);
      await this.#send(slice, slot, 'bucket', (Body, options) =>
        this.#client.send(
          new PutObjectCommand({ ...this.#at(object.key), Body, ContentLength: object.bytes, ...checksumOf(slice) }),
          options,
        ),
      );
    } finally {
      slot.leave();
    }
  }

  async #multipart(job: SendJob, partBytes: number): Promise<void> {
    const { object, progress } = job;
    if (progress.completing && (await this.size(object.key).catch(() => null)) === object.bytes) return;
    const uploadId = await this.#uploadId(job, partBytes);
    const known = new Map(progress.parts().map((part) => [part.number, part]));
    await this.#sendParts(job, uploadId, partBytes, known);
    const parts = progress.parts();
    progress.markCompleting();
    try {
      await this.#ask(
        (options) =>
          this.#client.send(
            new CompleteMultipartUploadCommand({
              ...this.#at(object.key),
              UploadId: uploadId,
              MultipartUpload: {
                Parts: parts.map(({ number, tag, sha256 }) => ({
                  PartNumber: number,
                  ETag: tag,
                  ChecksumSHA256: base64Of(sha256),
                })),
              },
            }),
            options,
          ),
        'upload',
      );
    } catch (error) {
      // The first answer was lost: the second request finds the upload gone and the object complete.
      const gone = error instanceof FieldroomError && error.code === 'upload.vanished';
      if (!gone || (await this.size(object.key)) !== object.bytes) throw error;
    }
  }

  /** The upload in progress, with its parts as listed by the server; otherwise a new one. */
  async #uploadId({ object, progress }: SendJob, partBytes: number): Promise<string> {
    if (progress.serverId !== null) {
      const there = await this.#listParts(object.key, progress.serverId);
      if (there) {
        for (const part of progress.parts()) {
          const listed = there.get(part.number);
          if (listed?.tag !== part.tag || listed.bytes !== part.bytes) progress.lost(part.number);
        }
        return progress.serverId;
      }
      progress.forget();
    }
    const { UploadId } = await this.#ask((options) =>
      this.#client.send(
        new CreateMultipartUploadCommand({ ...this.#at(object.key), ChecksumAlgorithm: 'SHA256' }),
        options,
      ),
    );
    if (!UploadId) throw trouble('strange-answer', this.place, 'no upload id');
    progress.begun(UploadId, partBytes);
    return UploadId;
  }

  /** null: the server does not know this upload. */
  async #listParts(key: string, uploadId: string): Promise<Map<number, { tag: string; bytes: number }> | null> {
    const parts = new Map<number, { tag: string; bytes: number }>();
    let marker: string | undefined;
    do {
      const at = marker === undefined ? {} : { PartNumberMarker: marker };
      const answer = await this.#ask(
        (options) => this.#client.send(new ListPartsCommand({ ...this.#at(key), UploadId: uploadId, ...at }), options),
        'upload',
      ).catch((error: unknown) => {
        if (error instanceof FieldroomError && error.code === 'upload.vanished') return null;
        throw error;
      });
      if (!answer) return null;
      for (const { PartNumber = 0, ETag = '', Size = 0 } of answer.Parts ?? [])
        parts.set(PartNumber, { tag: ETag, bytes: Size });
      marker = answer.IsTruncated ? answer.NextPartNumberMarker : undefined;
    } while (marker !== undefined);
    return parts;
  }

  async #sendParts(
    { object, content, progress }: SendJob,
    uploadId: string,
    partBytes: number,
    known: ReadonlyMap<number, PartRecord>,
  ): Promise<void> {
    const underWay = new Set<Promise<void>>();
    const failures: unknown[] = [];
    for (let number = 1, start = 0; start < object.bytes && failures.length === 0; number += 1, start += partBytes) {
      const end = Math.min(start + partBytes, object.bytes);
      const slot = await this.#parts.limiter.enter(end - start);
      let slice: Slice;
      try {
        slice = await content.slice(start, end, slot.memory);
      } catch (error) {
        slot.leave();
        failures.push(error);
        break;
      }
      const before = known.get(number);
      if (before && before.sha256 === slice.sha256 && before.bytes === slice.data.length) {
        slot.leave();
        continue;
      }
      const sending = this.#sendPart(object.key, uploadId, number, slice, slot)
        .then((part) => progress.confirmed(part))
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          slot.leave();
          underWay.delete(sending);
        });
      underWay.add(sending);
    }
    await Promise.all(underWay);
    if (failures.length === 0) return;
    const damaged = failures.find((error) => error instanceof FieldroomError && error.code === 'upload.file-changed');
    // The sent parts of a changed file must never become an object.
    if (damaged) await this.#abort(object.key, uploadId, progress);
    throw damaged ?? failures[0];
  }

  async #sendPart(key: string, uploadId: string, number: number, slice: Slice, slot: Slot): Promise<PartRecord> {
    const tag = await this.#send(slice, slot, 'upload', (Body, options) =>
      this.#client.send(
        new UploadPartCommand({
          ...this.#at(key),
          ...{ UploadId: uploadId, PartNumber: number, Body, ContentLength: slice.data.length },
          ...checksumOf(slice),
        }),
        options,
      ),
    );
    return { number, bytes: slice.data.length, sha256: slice.sha256, tag };
  }

  async #abort(key: string, uploadId: string, progress: SendJob['progress']): Promise<void> {
    await this.#ask(
      (options) =>
        this.#client.send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: uploadId }), options),
      'upload',
    ).catch(() => undefined);
    progress.forget();
  }

  /** @returns the ETag. @throws FieldroomError when the answer does not confirm these bytes */
  #compare(answer: Stored, slice: Slice): string {
    if (!answer.ETag) throw trouble('strange-answer', this.place, 'no ETag');
    if (answer.ChecksumSHA256 && answer.ChecksumSHA256 !== base64Of(slice.sha256))
      throw trouble('corrupted', this.place, 'the server tells another checksum');
    return answer.ETag;
  }

  #isHonest(): Promise<boolean> {
    const ask: Ask = (run) => this.#ask(run);
    this.#honest ??= serverRefusesWrongChecksums(this.#client, ask, this.settings).catch(() => false);
    return this.#honest;
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.settings.bucket, Key: keyPath(this.settings.prefix, key) };
  }

  /** A request with a body, retried with a fresh stream each time. @returns the ETag */
  #send(
    slice: Slice,
    slot: Slot,
    about: S3Request,
    run: (body: Readable, options: RequestOptions) => Promise<Stored>,
  ): Promise<string> {
    const { limiter } = this.#parts;
    return this.#retry(
      (signal, move) => {
        const body = limiter.stream(slice.data, move);
        // The request's own error is the relevant one.
        body.on('error', () => undefined);
        return run(body, { abortSignal: signal })
          .then((answer) => this.#compare(answer, slice))
          .finally(() => body.destroy());
      },
      about,
      slot,
    );
  }

  #ask<O>(run: (options: RequestOptions) => Promise<O>, about: S3Request = 'bucket'): Promise<O> {
    return this.#retry((abortSignal) => run({ abortSignal }), about);
  }

  #retry<T>(
    work: (signal: AbortSignal, move: () => void) => Promise<T>,
    about: S3Request = 'bucket',
    slot?: Slot,
  ): Promise<T> {
    return retry(this.#parts, this.place, (error) => s3Error(error, this.place, about), work, slot);
  }
}

/** An S3 server's answer about received bytes. */
interface Stored {
  ETag?: string | undefined;
  ChecksumSHA256?: string | undefined;
}

interface RequestOptions {
  abortSignal: AbortSignal;
}

const checksumOf = ({ sha256 }: Slice): { ChecksumSHA256: string } => ({ ChecksumSHA256: base64Of(sha256) });
