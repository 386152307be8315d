/** Bytes of base64 text; Chromium 130 has no `Uint8Array.fromBase64`. */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
