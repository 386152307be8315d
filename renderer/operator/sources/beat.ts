/**
 * The beat of the live page: what arrives at any time, from cameras and sensors by the dozen, is shown together. Each by
 * itself would have the page laid out and painted anew, 70 times a second, and the recording needs that time.
 */

/** Numbers that change faster than this cannot be read. */
const EVERY_MS = 250;

const waiting = new Set<() => void>();
let pending = false;

/** Calls `draw` at the next beat, once, however often it was asked for. */
export function atNextBeat(draw: () => void): void {
  waiting.add(draw);
  if (pending) return;
  pending = true;
  window.setTimeout(beat, EVERY_MS - (performance.now() % EVERY_MS));
}

/** What was asked for is not wanted any more. */
export function forgetBeat(draw: () => void): void {
  waiting.delete(draw);
}

function beat(): void {
  pending = false;
  const now = [...waiting];
  waiting.clear();
  for (const draw of now) draw();
}
