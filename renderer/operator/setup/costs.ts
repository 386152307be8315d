/**
 * Estimated costs of a kit: bytes per second on disk and processor cores. Computed from the settings before recording;
 * while recording, the measured figures are shown instead.
 */
import type { Kit, Source } from '../../../electron/common/kit.ts';
import { sourceBytesPerSecond } from '../../../electron/common/kitRate.ts';

export interface Cost {
  bytesPerSecond: number;
  cores: number;
}

/**
 * Pixels a second that one core takes from a camera and encodes without a hardware encoder: six cameras took 1.71 cores
 * for 92 million (docs/measurements.md). Other laptops differ by a factor of two either way.
 */
const PIXELS_PER_CORE_SECOND = 54e6;
/** Opus from one microphone, with its container. */
const SOUND_CORES = 0.02;
const SENSOR_CORES = 0.005;

export const costOf = (source: Source): Cost => ({
  bytesPerSecond: sourceBytesPerSecond(source),
  cores: coresOf(source),
});

function coresOf(source: Source): number {
  switch (source.kind) {
    case 'camera':
    case 'screen': {
      const { width, height, frameRate } = source.settings;
      return (width * height * frameRate) / PIXELS_PER_CORE_SECOND;
    }
    case 'microphone':
      return SOUND_CORES;
    default:
      return SENSOR_CORES;
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

/** Picture presets by purpose; a manually chosen size is none of them. */
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
