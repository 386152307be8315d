/**
 * One session in review: the current moment, whether it plays, and the visible stretch of the timeline. Outside React:
 * the moment changes sixty times a second, and only the components that draw it are notified.
 */
import type { ReviewSession, ReviewStream } from '../../../electron/common/review.ts';
import { PacketTimeline } from './packetTimeline.ts';
import { PlayClock, secondsNow } from './playClock.ts';
import type { ReviewDoor } from './reviewDoor.ts';
import { SoundDecoder } from './soundDecoder.ts';
import { SoundTrack } from './soundTrack.ts';
import { fitted, holding, moved, type View, zoomed } from './view.ts';

/**
 * `time`: the moment; `state`: playing, speed, leader, muted streams; `view`: the visible stretch; `session`: its
 * contents; `wave`: more of a waveform is known; `rest`: the pointer rests on a moment.
 */
export type PlayerTopic = 'time' | 'state' | 'view' | 'session' | 'wave' | 'rest';

export const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4] as const;
/** Sound starts this long after the button is pressed, so that the first piece is decoded by then. */
const START_DELAY_S = 0.15;
const SOUND_WITHIN_MS = 1000;
/** If the pointer rests on the timeline for this long, a click there is likely. */
const REST_MS = 30;
/** Cameras of a kit start within this time of each other. */
const OPENING_NS = 5e9;

export class Player {
  readonly door: ReviewDoor;
  session: ReviewSession;
  ns = 0;
  speed = 1;
  playing = false;
  view: View;
  /** The camera whose frames are stepped through. */
  leader: string | null;
  /** The moment under the pointer. */
  restNs = 0;
  readonly muted = new Set<string>();
  readonly #books = new Map<string, PacketTimeline>();
  readonly #listeners = new Map<PlayerTopic, Set<() => void>>();
  readonly #clock = new PlayClock();
  readonly #context = new AudioContext({ latencyHint: 'interactive' });
  readonly #sounds = new Map<string, SoundTrack>();
  readonly decoders = new Map<string, SoundDecoder>();
  #resting: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  #startedMs = 0;
  /** Sound is not available on this computer: pictures follow the window's own clock. */
  #silent = false;
  #versions = 0;

  constructor(door: ReviewDoor, session: ReviewSession) {
    this.door = door;
    this.session = session;
    this.view = fitted(this.durationNs);
    this.leader = this.streams('video')[0]?.id ?? null;
    this.ns = openingNs(session);
    for (const { id } of this.streams('audio')) this.decoders.set(id, new SoundDecoder(door));
  }

  get durationNs(): number {
    return Math.max(1, Number(this.session.durationNs));
  }

  /** Changes with every change except the current moment: for React. */
  get version(): number {
    return this.#versions;
  }

  streams(kind: ReviewStream['kind']): ReviewStream[] {
    return this.session.streams.filter((stream) => stream.kind === kind);
  }

  book(stream: string): PacketTimeline {
    let book = this.#books.get(stream);
    if (!book) {
      book = new PacketTimeline({
        packets: (fromNs, toNs) =>
          this.door.call('review.packets', { stream, fromNs: whole(fromNs), toNs: whole(toNs) }),
        settledNs: () => (this.session.live ? this.durationNs - 5e9 : Number.POSITIVE_INFINITY),
      });
      this.#books.set(stream, book);
    }
    return book;
  }

  on(topic: PlayerTopic, listener: () => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  seek(ns: number): void {
    this.ns = this.#within(ns);
    this.#hold();
    if (this.playing) this.#begin();
    this.tell('time');
  }

  #within(ns: number): number {
    return Math.round(Math.min(Math.max(0, ns), this.durationNs));
  }

  /** The pointer is over this moment, with no button pressed. */
  point(ns: number): void {
    this.restNs = this.#within(ns);
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.tell('rest'), REST_MS);
  }

  seekBy(seconds: number): void {
    this.seek(this.ns + seconds * 1e9);
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    if (this.playing) return;
    if (this.ns >= this.durationNs - 1e6) this.ns = 0;
    this.playing = true;
    this.#startedMs = performance.now();
    void this.#context.resume();
    this.#begin();
    this.tell('state');
    this.#frame = requestAnimationFrame(this.#run);
  }

  pause(): void {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.#frame);
    for (const sound of this.#sounds.values()) sound.stop();
    this.ns = Math.round(this.ns);
    this.tell('state');
    this.tell('time');
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    if (this.playing) this.#begin();
    this.tell('state');
  }

  faster(steps: number): void {
    const at = SPEEDS.indexOf(this.speed as (typeof SPEEDS)[number]);
    this.setSpeed(SPEEDS[Math.min(Math.max(at + steps, 0), SPEEDS.length - 1)] ?? 1);
  }

  /** Goes to the next or previous picture of the leading camera. */
  async step(forward: boolean): Promise<void> {
    this.pause();
    if (this.leader === null) return this.seekBy(forward ? 0.04 : -0.04);
    const book = this.book(this.leader);
    const now = await book.at(this.ns);
    const found = forward ? await book.after(this.ns) : now && (await book.at(now.ns - 1));
    if (found) this.seek(found.ns);
  }

  setMuted(stream: string, muted: boolean): void {
    if (muted) this.muted.add(stream);
    else this.muted.delete(stream);
    const sound = this.#sounds.get(stream);
    if (sound) sound.muted = muted;
    this.tell('state');
  }

  lead(stream: string): void {
    this.leader = stream;
    this.tell('state');
  }

  show(view: View): void {
    this.view = view;
    this.tell('view');
  }

  zoom(factor: number, aroundNs = this.ns): void {
    this.show(zoomed(this.view, factor, aroundNs, this.durationNs));
  }

  pan(share: number): void {
    this.show(moved(this.view, share * (this.view.toNs - this.view.fromNs), this.durationNs));
  }

  fit(): void {
    this.show(fitted(this.durationNs));
  }

  /** The session changed: a marker, or an ongoing recording has grown. */
  take(session: ReviewSession): void {
    const wasWhole = this.view.fromNs === 0 && this.view.toNs >= this.durationNs;
    this.session = session;
    if (wasWhole) this.view = fitted(this.durationNs);
    this.tell('session');
    this.tell('view');
  }

  close(): void {
    this.pause();
    clearTimeout(this.#resting);
    for (const sound of this.#sounds.values()) sound.close();
    void this.#context.close();
    this.#listeners.clear();
  }

  readonly #run = (): void => {
    if (!this.#silent && this.#context.state !== 'running' && performance.now() - this.#startedMs > SOUND_WITHIN_MS) {
      this.#silent = true;
      this.#begin();
    }
    this.ns = Math.min(this.#clock.at(this.#seconds()), this.durationNs);
    for (const sound of this.#sounds.values()) sound.pump(this.#clock, this.ns);
    this.#hold();
    if (this.ns >= this.durationNs) this.pause();
    else {
      this.tell('time');
      this.#frame = requestAnimationFrame(this.#run);
    }
  };

  #begin(): void {
    this.#clock.start(this.ns, this.#seconds() + START_DELAY_S, this.speed);
    for (const { id } of this.streams('audio')) {
      let sound = this.#sounds.get(id);
      if (!sound) {
        sound = new SoundTrack(this.#context, this.book(id), this.decoders.get(id) ?? new SoundDecoder(this.door));
        sound.muted = this.muted.has(id);
        this.#sounds.set(id, sound);
      }
      sound.start(this.ns);
      sound.pump(this.#clock, this.ns);
    }
  }

  /** Seconds of the sound's clock that are audible now: pictures follow what is heard, not what is queued. */
  #seconds(): number {
    if (this.#silent) return performance.now() / 1000;
    const { contextTime, performanceTime } = this.#context.getOutputTimestamp();
    if (this.#context.state === 'running' && contextTime && performanceTime)
      return secondsNow({ seconds: contextTime, atMs: performanceTime }, performance.now());
    return this.#context.currentTime;
  }

  #hold(): void {
    const view = holding(this.view, this.ns, this.durationNs);
    if (view !== this.view) this.show(view);
  }

  tell(topic: PlayerTopic): void {
    if (topic !== 'time' && topic !== 'wave' && topic !== 'rest') this.#versions += 1;
    for (const listener of this.#listeners.get(topic) ?? []) listener();
  }
}

/** The initial moment: when every camera that started in time has its first picture. */
function openingNs({ streams }: ReviewSession): number {
  const firsts = streams.flatMap(({ kind, firstNs }) =>
    kind === 'video' && firstNs !== null ? [Number(firstNs)] : [],
  );
  const earliest = Math.min(...firsts);
  return Math.max(0, ...firsts.filter((ns) => ns - earliest < OPENING_NS));
}

/** Nanoseconds in the form that the door expects. */
export const whole = (ns: number): string => BigInt(Math.round(ns)).toString();
