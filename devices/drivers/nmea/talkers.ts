/**
 * Which talkers of a receiver have a stream of their own. One that takes over (GP becomes GN when a second system is
 * received) continues the stream; two that tell of the same moment (a GGA each of GPS and GLONASS) are told apart.
 */
export class Talkers {
  readonly #kinds = new Map<string, { main: string; times: Map<string, string>; apart: Set<string> }>();

  /**
   * @param time of the sentence, as printed
   * @returns the talker where it has a stream of its own, else an empty text
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
    // A receiver without a time says nothing about the moment: they are kept apart, which loses nothing.
    if (time === '' || times.get(known.main) === time) {
      apart.add(talker);
      return talker;
    }
    known.main = talker;
    return '';
  }
}
