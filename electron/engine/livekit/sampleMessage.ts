/** One batch of a sensor's samples as a message of its data track. */
export type Row = readonly (number | string | null)[];

/** Below LiveKit's packet size (16,000 bytes), so that a message is one packet: a second one could be lost alone. */
const MAX_BYTES = 14_000;

export interface SampleMessage {
  payload: Uint8Array<ArrayBuffer>;
  /** Session microseconds of the last row, at least 1; 0 outside a session, which LiveKit treats as absent. */
  userTimestamp: bigint;
}

/**
 * @param rows [seconds, ...values]; split into several messages if they do not fit into one packet.
 * @param clock `session`: seconds of the session; `engine`: no session is being recorded, the seconds have no known zero.
 */
export function sampleMessages(rows: readonly Row[], clock: 'session' | 'engine'): SampleMessage[] {
  if (rows.length === 0) return [];
  const payload = new TextEncoder().encode(
    JSON.stringify({ t: rows.map((row) => row[0]), v: rows.map((row) => row.slice(1)), clock }),
  );
  if (payload.byteLength > MAX_BYTES && rows.length > 1) {
    const half = rows.length >> 1;
    return [...sampleMessages(rows.slice(0, half), clock), ...sampleMessages(rows.slice(half), clock)];
  }
  if (clock === 'engine') return [{ payload, userTimestamp: 0n }];
  const microseconds = BigInt(Math.round(Number(rows.at(-1)?.[0] ?? 0) * 1e6));
  return [{ payload, userTimestamp: microseconds < 1n ? 1n : microseconds }];
}
