/** The strongest proof: every byte is read back from the destination and hashed. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { FieldroomError } from '../../common/errors.ts';
import type { Destination, Proof, RemoteObject } from './destination.ts';
import { STALL_MS } from './stall.ts';
import { networkTrouble, trouble } from './uploadErrors.ts';

/** A manifest or receipt is shorter. */
const LARGEST_LIST_BYTES = 256 * 1024 * 1024;

/** @throws FieldroomError `upload.not-whole` when the bytes differ */
export async function readBack(
  destination: Pick<Destination, 'read' | 'size' | 'place'>,
  object: RemoteObject,
  location: string,
  onBytes: (bytes: number) => void = () => {},
): Promise<Proof> {
  if (object.bytes === 0) return await proveEmpty(destination, location);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunksOf(await destination.read(location), destination.place)) {
    hash.update(chunk);
    bytes += chunk.length;
    onBytes(chunk.length);
  }
  if (bytes < object.bytes)
    throw trouble('broken-off', destination.place, `${location}: ${bytes} of ${object.bytes} bytes`);
  const sha256 = hash.digest('hex');
  if (bytes !== object.bytes || sha256 !== object.sha256)
    throw trouble('not-whole', destination.place, `${location} has ${bytes} bytes with SHA-256 ${sha256}`);
  return { by: 'read-back', at: new Date().toISOString() };
}

/** Some servers fail when an empty object is read, so its size is checked instead. */
async function proveEmpty(destination: Pick<Destination, 'size' | 'place'>, location: string): Promise<Proof> {
  const bytes = await destination.size(location);
  if (bytes === null) throw trouble('not-there', destination.place, location);
  if (bytes !== 0) throw trouble('not-whole', destination.place, `${location} has ${bytes} bytes, not 0`);
  return { by: 'read-back', at: new Date().toISOString() };
}

/** The stream's bytes; a stalled or broken stream throws a FieldroomError. */
export async function* chunksOf(stream: Readable, place: string, stallMs = STALL_MS): AsyncGenerator<Buffer> {
  const timer = setTimeout(() => stream.destroy(trouble('stalled', place)), stallMs);
  try {
    for await (const chunk of stream) {
      timer.refresh();
      yield chunk as Buffer;
    }
  } catch (error) {
    if (error instanceof FieldroomError) throw error;
    throw networkTrouble(error, place) ?? trouble('broken-off', place, String(error), { cause: error });
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

/** A whole object in memory: a manifest, a receipt. */
export async function readAll(destination: Pick<Destination, 'read' | 'place'>, location: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(await destination.read(location), destination.place)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > LARGEST_LIST_BYTES) throw trouble('strange-answer', destination.place, `${location} does not end`);
  }
  return Buffer.concat(chunks);
}
