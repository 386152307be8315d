/**
 * The beat of the live page: updates that arrive at any time, from dozens of cameras and sensors, are drawn together.
 * Drawn separately, they would lay out and paint the page 70 times a second, and the recording needs that time.
 */

/** Numbers that change faster than this cannot be read. */
const EVERY_MS = 250;

const waiting = new Set<() => void>();
let pending = false;

/** Calls `draw` once at the next beat, however often it was requested. */
export function atNextBeat(draw: () => void): void {
  waiting.add(draw);
  if (pending) return;
  pending = true;
  window.setTimeout(beat, EVERY_MS - (performance.now() % EVERY_MS));
}

/** Cancels the request. */
export function forgetBeat(draw: () => void): void {
  waiting.delete(draw);
}

function beat(): void {
  pending = false;
  const now = [...waiting];
  waiting.clear();
  for (const draw of now) draw();
}
