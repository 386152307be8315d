/** The part of a publisher's message that was captured outside all pauses. */
import type { Stream } from '../../common/stream.ts';
import { decodeSamples, encodeSamples, PACKET } from '../../common/wire.ts';
import type { Pauses } from './pauses.ts';

/**
 * @param toEngine publisher time to engine time
 * @returns the message, its part before a pause, or null if none of it may be recorded
 */
export function withoutPaused(
  pauses: Pauses,
  stream: Stream,
  bytes: Uint8Array<ArrayBuffer>,
  toEngine: (publisherNs: number) => bigint,
): Uint8Array<ArrayBuffer> | null {
  if (!pauses.touches(stream.source)) return bytes;
  const first = toEngine(new DataView(bytes.buffer, bytes.byteOffset).getFloat64(16, true));
  const until = pauses.openUntil(stream.source, first);
  if (until === null) return null;
  if (until === Infinity || bytes[0] === PACKET || stream.kind !== 'samples') return bytes;
  const batch = decodeSamples(bytes, stream.channels);
  const cut = batch.publisherNs.findIndex((ns) => toEngine(ns) >= until);
  if (cut < 0) return bytes;
  return encodeSamples({
    ...batch,
    publisherNs: batch.publisherNs.slice(0, cut),
    deviceTime: batch.deviceTime?.slice(0, cut) ?? null,
    earlyUs: batch.earlyUs?.slice(0, cut) ?? null,
    columns: batch.columns.map((column) => column.slice(0, cut)),
  });
}
