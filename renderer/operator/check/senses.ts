/** What a picture and a sound really hold: a camera with its cap on delivers perfect frames. Pure, over some seconds. */

export type Sense = 'waiting' | 'fine' | 'black' | 'frozen' | 'silent';

/** Long enough for a breath between two words, and for the noise of a camera to show. */
export const SENSE_MS = 5000;
/** Mean brightness, of 255, below which nothing can be seen; a dark room with a lamp on is brighter. */
const BLACK_BELOW = 8;
/** Peak below which a microphone hears nothing, not even its own noise: -66 dB of full scale. */
const SILENT_BELOW = 0.0005;

export interface PictureSeen {
  atMs: number;
  /** The preview as it came. No two pictures of a real sensor are equal to the last bit. */
  jpeg: string;
  /** Mean of all pixels, 0 to 255. */
  brightness: number;
}

export function senseOfPicture(seen: readonly PictureSeen[], nowMs: number): Sense {
  const recent = seen.filter(({ atMs }) => nowMs - atMs <= SENSE_MS);
  const first = seen[0];
  const last = recent.at(-1);
  if (!first || !last || nowMs - first.atMs < SENSE_MS) return 'waiting';
  if (recent.every(({ brightness }) => brightness < BLACK_BELOW)) return 'black';
  if (recent.length > 2 && recent.every(({ jpeg }) => jpeg === last.jpeg)) return 'frozen';
  return 'fine';
}

export function senseOfSound(peaks: readonly { atMs: number; peak: number }[], nowMs: number): Sense {
  const recent = peaks.filter(({ atMs }) => nowMs - atMs <= SENSE_MS);
  const first = peaks[0];
  if (!first || recent.length === 0 || nowMs - first.atMs < SENSE_MS) return 'waiting';
  return recent.some(({ peak }) => peak >= SILENT_BELOW) ? 'fine' : 'silent';
}
