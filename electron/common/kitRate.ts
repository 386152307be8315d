/** Bytes per second that a source will use on disk, estimated from its settings before recording. */
import type { Kit, Source } from './kit.ts';
import { defaultBitrate } from './videoRate.ts';

const PCM_BYTES_PER_SECOND = 48_000 * 2;
/** A generous estimate for a sensor: 50 samples per second of about 40 bytes with index. */
const SENSOR_BYTES_PER_SECOND = 2_000;

export function sourceBytesPerSecond(source: Source): number {
  switch (source.kind) {
    case 'camera':
    case 'screen': {
      const { width, height, frameRate, bitrate } = source.settings;
      return (bitrate ?? defaultBitrate(width, height, frameRate)) / 8;
    }
    case 'microphone': {
      const { codec, bitrate, channels } = source.settings;
      return codec === 'pcm' ? PCM_BYTES_PER_SECOND * (channels ?? 2) : bitrate / 8;
    }
    default:
      return SENSOR_BYTES_PER_SECOND;
  }
}

export const kitBytesPerSecond = ({ sources }: Kit): number =>
  sources.reduce((sum, source) => sum + sourceBytesPerSecond(source), 0);
