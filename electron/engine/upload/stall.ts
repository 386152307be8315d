/** Ends a stalled request. */
import { trouble } from './uploadErrors.ts';

/** Time without a byte or an answer after which a request counts as stalled. */
export const STALL_MS = 45_000;

/**
 * @param work gets an abort signal, and `move`, to be called on any progress
 * @throws FieldroomError `upload.stalled`, or the error of `work`
 */
export async function watchStall<T>(
  place: string,
  outer: AbortSignal,
  stallMs: number,
  work: (signal: AbortSignal, move: () => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let stalled = false;
  const timer = setTimeout(() => {
    stalled = true;
    controller.abort();
  }, stallMs);
  const onOuter = (): void => controller.abort(outer.reason);
  outer.addEventListener('abort', onOuter, { once: true });
  if (outer.aborted) onOuter();
  const died = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () =>
      reject(stalled ? trouble('stalled', place) : (outer.reason as Error)),
    );
  });
  died.catch(() => undefined);
  try {
    // A library that ignores the signal must not block us.
    return await Promise.race([work(controller.signal, () => timer.refresh()), died]);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', onOuter);
  }
}
