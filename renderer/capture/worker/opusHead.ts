/** The identification header of Opus (RFC 7845 section 5.1). */
export interface OpusHead {
  channels: number;
  /** Samples at 48 kHz that a decoder discards at the start. */
  preSkip: number;
}

/** Null if the bytes are not an OpusHead. */
export function parseOpusHead(bytes: Uint8Array): OpusHead | null {
  if (bytes.byteLength < 19 || new TextDecoder().decode(bytes.subarray(0, 8)) !== 'OpusHead') return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { channels: view.getUint8(9), preSkip: view.getUint16(10, true) };
}

/**
 * Chromium counts pre-skip in samples of the encoder's own rate, but RFC 7845 requires 48 kHz: at 16 kHz it writes 104
 * instead of 312. Other rates are resampled to 48 kHz first, so they are right.
 * @returns a copy with the right number.
 */
export function correctedOpusHead(bytes: Uint8Array, sampleRate: number): Uint8Array {
  const head = bytes.slice();
  const found = parseOpusHead(head);
  if (found && [8_000, 12_000, 16_000, 24_000].includes(sampleRate))
    new DataView(head.buffer).setUint16(10, Math.round((found.preSkip * 48_000) / sampleRate), true);
  return head;
}
