/** Where the operator window was last, kept in the app's own folder. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const SMALLEST = { width: 960, height: 600 };
const FIRST = { width: 1280, height: 720 };

const int = z.number().int();
const boundsSchema = z.object({ x: int, y: int, width: int, height: int });

/** Bounds to open with: the last ones if some of them is on a screen that is still there, else a plain first size. */
export function openingBounds(
  last: Rectangle | null,
  screens: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  if (last === null || !screens.some((screen) => overlap(last, screen))) return FIRST;
  return { ...last, width: Math.max(last.width, SMALLEST.width), height: Math.max(last.height, SMALLEST.height) };
}

/** At least a title bar's worth is to be seen. */
function overlap(a: Rectangle, b: Rectangle): boolean {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width >= 100 && height >= 40;
}

const fileIn = (folder: string): string => join(folder, 'window.json');

export function readBounds(folder: string): Rectangle | null {
  try {
    return boundsSchema.parse(JSON.parse(readFileSync(fileIn(folder), 'utf8')));
  } catch {
    return null;
  }
}

/** Losing it costs nothing, so a full disk is no error here. */
export function keepBounds(folder: string, bounds: Rectangle): void {
  try {
    writeFileSync(fileIn(folder), JSON.stringify(bounds));
  } catch {
    // The next start opens at the first size.
  }
}
