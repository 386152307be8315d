/**
 * What a kit will cost: bytes a second on disk and processor cores. Foreseen from the settings, before anything records;
 * while recording the real figures are shown instead.
 */
import type { Kit, Source } from '../../../electron/common/kit.ts';
import { defaultBitrate } from '../../../electron/common/videoRate.ts';

export interface Cost {
  bytesPerSecond: number;
  cores: number;
}

/**
 * Pixels a second that one core takes from a camera and encodes without a hardware encoder: six cameras took 1.71 cores
 * for 92 million (docs/measurements.md). Other laptops differ by a factor of two either way.
 */
const PIXELS_PER_CORE_SECOND = 54e6;
/** Opus of one microphone, with its container. */
const SOUND_CORES = 0.02;
const PCM_BYTES_PER_SECOND = 48_000 * 2;
/** A generous sensor: 50 samples a second of some 40 bytes with index. */
const SENSOR: Cost = { bytesPerSecond: 2_000, cores: 0.005 };

export function costOf(source: Source): Cost {
  switch (source.kind) {
    case 'camera':
    case 'screen': {
      const { width, height, frameRate, bitrate } = source.settings;
      const bits = bitrate ?? defaultBitrate(width, height, frameRate);
      return { bytesPerSecond: bits / 8, cores: (width * height * frameRate) / PIXELS_PER_CORE_SECOND };
    }
    case 'microphone': {
      const { codec, bitrate, channels } = source.settings;
      return {
        bytesPerSecond: codec === 'pcm' ? PCM_BYTES_PER_SECOND * channels : bitrate / 8,
        cores: SOUND_CORES,
      };
    }
    default:
      return SENSOR;
  }
}

export function costOfKit(kit: Kit): Cost {
  return kit.sources.map(costOf).reduce(
    (sum, cost) => ({
      bytesPerSecond: sum.bytesPerSecond + cost.bytesPerSecond,
      cores: sum.cores + cost.cores,
    }),
    { bytesPerSecond: 0, cores: 0 },
  );
}

/** Pictures for a purpose rather than in numbers; what a person chose by hand is none of them. */
export const PRESETS = [
  { id: 'small', word: 'preset.small', width: 640, height: 360, frameRate: 15 },
  { id: 'standard', word: 'preset.standard', width: 1280, height: 720, frameRate: 30 },
  { id: 'fine', word: 'preset.fine', width: 1920, height: 1080, frameRate: 30 },
  { id: 'finest', word: 'preset.finest', width: 3840, height: 2160, frameRate: 30 },
] as const;

export const presetOf = (settings: { width: number; height: number; frameRate: number }): string =>
  PRESETS.find(
    ({ width, height, frameRate }) =>
      width === settings.width && height === settings.height && frameRate === settings.frameRate,
  )?.id ?? 'own';
