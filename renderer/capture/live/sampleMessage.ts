/** One batch of a sensor's samples as a message of its data track. */
export type Row = readonly (number | string | null)[];

/** Below LiveKit's packet size (16,000 bytes), so that a message is one packet: a second one could be lost alone. */
const MAX_BYTES = 14_000;

export interface SampleMessage {
  payload: Uint8Array<ArrayBuffer>;
  /** Session microseconds of the last row; never 0, which LiveKit takes for absent. */
  userTimestamp: bigint;
}

/** @param rows [session seconds, ...values]; more than fits into one packet become several messages. */
export function sampleMessages(rows: readonly Row[]): SampleMessage[] {
  if (rows.length === 0) return [];
  const payload = new TextEncoder().encode(
    JSON.stringify({ t: rows.map((row) => row[0]), v: rows.map((row) => row.slice(1)) }),
  );
  if (payload.byteLength > MAX_BYTES && rows.length > 1) {
    const half = rows.length >> 1;
    return [...sampleMessages(rows.slice(0, half)), ...sampleMessages(rows.slice(half))];
  }
  const seconds = Number(rows.at(-1)?.[0] ?? 0);
  const microseconds = BigInt(Math.round(seconds * 1e6));
  return [{ payload, userTimestamp: microseconds === 0n ? 1n : microseconds < 0n ? 1n : microseconds }];
}
