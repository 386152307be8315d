/** The identification header of Opus (RFC 7845 section 5.1). */
export interface OpusHead {
  channels: number;
  /** Samples at 48 kHz that a decoder throws away at the start. */
  preSkip: number;
}

/** Null when the bytes are no OpusHead. */
export function parseOpusHead(bytes: Uint8Array): OpusHead | null {
  if (bytes.byteLength < 19 || new TextDecoder().decode(bytes.subarray(0, 8)) !== 'OpusHead') return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { channels: view.getUint8(9), preSkip: view.getUint16(10, true) };
}
