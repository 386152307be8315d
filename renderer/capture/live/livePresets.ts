/** How large a picture the live layer carries. It costs a second encode, so it is small (docs: encode once, two planes). */
import type { LiveAccess } from '../../../electron/common/ingest.ts';

/** `off`: the pictures gave way to the recording; `silent`: the sound too. Samples stay. */
export type LivePreset = LiveAccess['preset'] | 'off' | 'silent';
export interface LivePicture {
  width: number;
  height: number;
  frameRate: number;
  maxBitrate: number;
}

/** Null: no pictures. `full` is what the camera gives. */
export function pictureOf(
  preset: LivePreset,
  recorded: { width: number; height: number; frameRate: number },
): LivePicture | null {
  switch (preset) {
    case 'off':
    case 'silent':
      return null;
    case 'small':
      return { width: 320, height: 180, frameRate: 10, maxBitrate: 150_000 };
    case 'preview':
      return { width: 640, height: 360, frameRate: 15, maxBitrate: 500_000 };
    case 'full':
      return { ...recorded, maxBitrate: 2_000_000 };
  }
}

/** The next smaller one. */
export const smaller = (preset: LivePreset): LivePreset =>
  preset === 'full' ? 'preview' : preset === 'preview' ? 'small' : preset === 'small' ? 'off' : 'silent';
