/** Bits per second if the kit does not specify them: 2 Mbit/s at 1280x720 and 30 frames a second, and in proportion. */
export function defaultBitrate(width: number, height: number, frameRate: number): number {
  const share = (width * height * frameRate) / (1280 * 720 * 30);
  return Math.round(Math.min(20e6, Math.max(150_000, 2e6 * share ** 0.85)) / 1000) * 1000;
}
