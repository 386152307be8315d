/**
 * Ages as this recording sees them. The recorder tells when a stream last gave something, even before this recording or
 * before a pause; a source that was just asked to record is not late yet.
 */
import type { ApplianceState } from '../../electron/common/applianceState.ts';

export class ActiveTimes {
  /** When each source was first seen to be recorded, milliseconds of the window's clock. */
  readonly #since = new Map<string, number>();

  /** The state with `ageMs` no greater than the time for which the source is recorded by now, and null while it is not. */
  apply(state: ApplianceState, nowMs: number): ApplianceState {
    const recording = state.session?.state === 'recording';
    const sources = state.sources.map((source) => {
      if (!recording || source.paused) this.#since.delete(source.id);
      else if (!this.#since.has(source.id)) this.#since.set(source.id, nowMs);
      const since = this.#since.get(source.id);
      const age = (ageMs: number | null): number | null =>
        since === undefined ? null : Math.min(ageMs ?? Number.POSITIVE_INFINITY, nowMs - since);
      return { ...source, streams: source.streams.map((stream) => ({ ...stream, ageMs: age(stream.ageMs) })) };
    });
    return { ...state, sources };
  }
}
