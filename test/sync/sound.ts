/** Finds the source's chirps in decoded sound: a matched filter around each expected time. */

export const RATE_HZ = 48_000;
const CHIRP_MS = 40;

/** The same as `chirp()` in source.py. */
export function chirp(): Float32Array {
  const count = (RATE_HZ * CHIRP_MS) / 1000;
  return Float32Array.from({ length: count }, (_, i) => {
    const t = i / RATE_HZ;
    return (
      Math.sin(2 * Math.PI * (1000 * t + (5000 / 2) * (t * t) * (1000 / CHIRP_MS))) *
      Math.sqrt(Math.sin((Math.PI * i) / count))
    );
  });
}

/**
 * First sample of the chirp within [from, to), interpolated with a parabola through the peak; null when no peak is clear.
 */
export function findChirp(sound: Float32Array, from: number, to: number, pattern: Float32Array): number | null {
  const first = Math.max(0, Math.floor(from));
  const count = Math.min(sound.length - pattern.length, Math.ceil(to)) - first;
  if (count < 3) return null;
  const match = new Float64Array(count);
  let best = 1;
  let energy = 0;
  for (let i = 0; i < count; i += 1) {
    let sum = 0;
    for (let k = 0; k < pattern.length; k += 1) sum += (sound[first + i + k] as number) * (pattern[k] as number);
    match[i] = sum;
    energy += sum * sum;
    if (i > 0 && i < count - 1 && sum > (match[best] as number)) best = i;
  }
  const [before, peak, after] = [match[best - 1] as number, match[best] as number, match[best + 1] as number];
  if (peak < 6 * Math.sqrt(energy / count)) return null;
  const bend = before - 2 * peak + after;
  return first + best + (bend === 0 ? 0 : (before - after) / (2 * bend));
}
