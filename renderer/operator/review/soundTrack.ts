/**
 * Plays the sound of one microphone: decoded a little ahead, each piece scheduled for the moment at which it was
 * recorded.
 */
import type { PacketTimeline } from './packetTimeline.ts';
import type { PlayClock } from './playClock.ts';
import type { Sound, SoundDecoder } from './soundDecoder.ts';

/** Length of a piece of sound; short, so that its time follows the session's clock. */
const PIECE_NS = 1e9;
/** How far ahead pieces are scheduled, multiplied by the speed. */
const AHEAD_S = 1.2;

export class SoundTrack {
  readonly #book: PacketTimeline;
  readonly #decoder: SoundDecoder;
  readonly #context: AudioContext;
  readonly #gain: GainNode;
  #sources = new Set<AudioBufferSourceNode>();
  /** Each start of playback has its own number: results from an earlier one are discarded. */
  #life = 0;
  #nextNs = 0;
  #working = false;

  constructor(context: AudioContext, book: PacketTimeline, decoder: SoundDecoder) {
    this.#context = context;
    this.#book = book;
    this.#decoder = decoder;
    this.#gain = new GainNode(context);
    this.#gain.connect(context.destination);
  }

  set muted(muted: boolean) {
    this.#gain.gain.value = muted ? 0 : 1;
  }

  start(ns: number): void {
    this.stop();
    this.#nextNs = ns;
  }

  stop(): void {
    this.#life += 1;
    for (const source of this.#sources) source.stop();
    this.#sources.clear();
  }

  /** Keeps the next pieces ready. Called repeatedly while playing. */
  pump(clock: PlayClock, nowNs: number): void {
    if (this.#working || this.#nextNs - nowNs > AHEAD_S * clock.speed * 1e9 || this.#gain.gain.value === 0) {
      if (this.#gain.gain.value === 0) this.#nextNs = Math.max(this.#nextNs, nowNs);
      return;
    }
    const life = this.#life;
    const fromNs = Math.max(this.#nextNs, nowNs);
    this.#nextNs = fromNs + PIECE_NS;
    this.#working = true;
    void this.#piece(fromNs, this.#nextNs)
      .then((sounds) => {
        if (life === this.#life) for (const sound of sounds) this.#schedule(sound, clock);
      })
      // A piece that cannot be read is silent; the waveform and the gaps show why.
      .catch(() => undefined)
      .finally(() => {
        this.#working = false;
      });
  }

  close(): void {
    this.stop();
    this.#gain.disconnect();
  }

  async #piece(fromNs: number, toNs: number): Promise<Sound[]> {
    const packets = await this.#book.between(fromNs, toNs);
    const before = await this.#book.between(fromNs - 100e6, fromNs);
    return this.#decoder.decode(packets, before);
  }

  #schedule({ startNs, endNs, rateHz, samples }: Sound, clock: PlayClock): void {
    if (samples.length === 0) return;
    const buffer = new AudioBuffer({ length: samples.length, sampleRate: rateHz });
    buffer.copyToChannel(samples, 0);
    // The microphone's quartz differs from the session's clock: a piece is played for as long as it lasted on that
    // clock.
    const playbackRate = (clock.speed * (samples.length / rateHz)) / ((endNs - startNs) / 1e9);
    const source = new AudioBufferSourceNode(this.#context, { buffer, playbackRate });
    source.connect(this.#gain);
    source.onended = () => this.#sources.delete(source);
    this.#sources.add(source);
    const at = clock.secondsOf(startNs);
    const late = this.#context.currentTime - at;
    if (late <= 0) source.start(at);
    else source.start(0, late * playbackRate);
  }
}
