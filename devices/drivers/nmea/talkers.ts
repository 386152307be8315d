/**
 * Which talkers of a receiver get their own stream. A talker that takes over (GP becomes GN when a second system is
 * received) continues the stream; two that report the same moment (a GGA each of GPS and GLONASS) are kept apart.
 */
export class Talkers {
  readonly #kinds = new Map<string, { main: string; times: Map<string, string>; apart: Set<string> }>();

  /**
   * @param time of the sentence, as printed
   * @returns the talker if it has its own stream, otherwise an empty string
   */
  own(kind: string, talker: string, time: string): string {
    const known = this.#kinds.get(kind);
    if (!known) {
      this.#kinds.set(kind, { main: talker, times: new Map([[talker, time]]), apart: new Set() });
      return '';
    }
    const { times, apart } = known;
    times.set(talker, time);
    if (talker === known.main) return '';
    if (apart.has(talker)) return talker;
    // A receiver without a time does not show whether two sentences are of one moment; keeping them apart loses
    // nothing.
    if (time === '' || times.get(known.main) === time) {
      apart.add(talker);
      return talker;
    }
    known.main = talker;
    return '';
  }
}
