/** Remembers the operator window's last position and size in the app's own folder. */
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

/** Bounds to open with: the last ones if they are visible on a connected screen, otherwise the default size. */
export function openingBounds(
  last: Rectangle | null,
  screens: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  if (last === null || !screens.some((screen) => overlap(last, screen))) return FIRST;
  return { ...last, width: Math.max(last.width, SMALLEST.width), height: Math.max(last.height, SMALLEST.height) };
}

/** Whether at least the height of a title bar is visible. */
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

/** Ignores write errors: losing the bounds costs nothing. */
export function keepBounds(folder: string, bounds: Rectangle): void {
  try {
    writeFileSync(fileIn(folder), JSON.stringify(bounds));
  } catch {
    // The next start uses the default size.
  }
}
