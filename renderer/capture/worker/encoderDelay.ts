/** Rates that Opus accepts directly (RFC 6716 section 2); Chromium resamples all others with a filter of this delay. */
const OPUS_RATES = [8_000, 12_000, 16_000, 24_000, 48_000];
const RESAMPLER_DELAY = 32;

/**
 * Delay of the decoded sound in samples of the device's rate. Measured at six rates in Chromium 130 and 156
 * (docs/decisions/media-clocks.md); `test/e2e/opusDelay.test.ts` measures it again.
 */
export function encoderDelay(codec: string, preSkip: number, sampleRate: number): number {
  if (codec !== 'opus') return 0;
  return (preSkip * sampleRate) / 48_000 + (OPUS_RATES.includes(sampleRate) ? 0 : RESAMPLER_DELAY);
}
