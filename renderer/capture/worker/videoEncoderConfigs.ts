/**
 * The configurations to try for one camera, the best first: hardware before software, Main before Baseline (Main is
 * smaller for the same picture and every player reads it; Baseline is the fallback).
 */
import { defaultBitrate } from '../../../electron/common/videoRate.ts';
import type { CameraSettings } from '../workerMessages.ts';

export type Acceleration = 'hardware' | 'software';
export interface Candidate {
  acceleration: Acceleration;
  config: VideoEncoderConfig;
}

/** @param hardware false after a hardware encoder failed. */
export function candidates(
  settings: CameraSettings,
  width: number,
  height: number,
  frameRate: number,
  hardware: boolean,
): Candidate[] {
  const bitrate = settings.bitrate ?? defaultBitrate(width, height, frameRate);
  const base = {
    width,
    height,
    bitrate,
    framerate: frameRate,
    latencyMode: 'realtime' as const,
    bitrateMode: 'variable' as const,
  };
  const out: Candidate[] = [];
  for (const acceleration of hardware ? (['hardware', 'software'] as const) : (['software'] as const)) {
    for (const codec of codecStrings(settings.codec, width, height, frameRate)) {
      const config: VideoEncoderConfig = {
        ...base,
        codec,
        hardwareAcceleration: acceleration === 'hardware' ? 'prefer-hardware' : 'prefer-software',
      };
      if (settings.codec === 'h264') config.avc = { format: 'avc' };
      out.push({ acceleration, config });
    }
  }
  return out;
}

/** Level of H.264 (Rec. ITU-T H.264 table A-1) as the two hex digits of a codec string. */
export function h264Level(width: number, height: number, frameRate: number): string {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  const rate = blocks * frameRate;
  const levels: [string, number, number][] = [
    ['1e', 1620, 40_500],
    ['1f', 3600, 108_000],
    ['20', 5120, 216_000],
    ['28', 8192, 245_760],
    ['2a', 8704, 522_240],
    ['33', 36_864, 983_040],
    ['34', 36_864, 2_073_600],
  ];
  return levels.find(([, frame, second]) => blocks <= frame && rate <= second)?.[0] ?? '34';
}

function codecStrings(codec: CameraSettings['codec'], width: number, height: number, frameRate: number): string[] {
  const level = h264Level(width, height, frameRate);
  if (codec === 'h264') return [`avc1.4d00${level}`, `avc1.42e0${level}`];
  if (codec === 'vp8') return ['vp8'];
  if (codec === 'vp9') return ['vp09.00.51.08'];
  return ['av01.0.09M.08'];
}
