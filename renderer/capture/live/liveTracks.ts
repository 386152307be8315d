/** The cameras, screens and microphones of the room: each a clone of the recorded track, made smaller, named as its stream. */
import { type LocalTrackPublication, type Room, Track } from 'livekit-client';
import type { MediaSource } from '../../../electron/common/kit.ts';
import { type LivePreset, pictureOf } from './livePresets.ts';

interface Entry {
  source: MediaSource;
  /** The recorded track; it stays its owner's. */
  track: MediaStreamTrack;
  published: { room: Room; clone: MediaStreamTrack; publication: LocalTrackPublication } | null;
  /** Until nothing more is sent of a track that went dark. */
  darkening?: ReturnType<typeof setTimeout>;
  /** Work on it goes one step after the other. */
  work: Promise<void>;
}

/** So long black pictures are sent to those who look, for whom the last one stays; then nothing is encoded any more. */
const BLACK_MS = 1000;

const SOURCE = {
  camera: Track.Source.Camera,
  microphone: Track.Source.Microphone,
  screen: Track.Source.ScreenShare,
} as const;

export class LiveTracks {
  readonly #entries = new Map<string, Entry>();
  readonly #onTrouble: (source: string, error: unknown) => void;
  #room: Room | null = null;
  #preset: LivePreset = 'off';
  #paused: readonly string[] = [];

  constructor(onTrouble: (source: string, error: unknown) => void) {
    this.#onTrouble = onTrouble;
  }

  /** A connected room, or null. */
  setRoom(room: Room | null): void {
    this.#room = room;
    this.#all();
  }

  setPreset(preset: LivePreset): void {
    if (preset === this.#preset) return;
    this.#preset = preset;
    this.#all();
  }

  setPaused(paused: readonly string[]): void {
    this.#paused = paused;
    this.#all();
  }

  setTrack(source: MediaSource, track: MediaStreamTrack | null): void {
    const there = this.#entries.get(source.id);
    if (there && there.track === track) return;
    if (there) {
      this.#entries.delete(source.id);
      this.#do(there, () => this.#unpublish(there));
    }
    if (!track) return;
    const entry: Entry = { source, track, published: null, work: there?.work ?? Promise.resolve() };
    this.#entries.set(source.id, entry);
    this.#do(entry, () => this.#reconcile(entry));
  }

  #all(): void {
    for (const entry of this.#entries.values()) this.#do(entry, () => this.#reconcile(entry));
  }

  #do(entry: Entry, step: () => Promise<void>): void {
    entry.work = entry.work.then(step).catch((error: unknown) => {
      // A connection that broke in the middle is not worth a word: everything is published anew with the next one.
      if (this.#room?.state === 'connected') this.#onTrouble(entry.source.id, error);
    });
  }

  /** Brings one track to what is wanted now. */
  async #reconcile(entry: Entry): Promise<void> {
    const room = this.#room;
    const wanted = this.#entries.get(entry.source.id) === entry && room !== null && entry.track.readyState === 'live';
    if (entry.published && (!wanted || entry.published.room !== room)) await this.#unpublish(entry);
    if (!wanted) return;
    const gaveWay = this.#preset === 'silent' || (this.#preset === 'off' && entry.source.kind !== 'microphone');
    const dark = gaveWay || this.#paused.includes(entry.source.id);
    if (!entry.published) {
      if (dark) return;
      await this.#publish(entry, room);
    } else await this.#shape(entry, entry.published.clone);
    await this.#setDark(entry, dark);
  }

  async #setDark(entry: Entry, dark: boolean): Promise<void> {
    const publication = entry.published?.publication;
    if (!publication || dark === publication.isMuted) return;
    clearTimeout(entry.darkening);
    if (!dark) {
      await publication.track?.resumeUpstream();
      await publication.unmute();
      return;
    }
    await publication.mute();
    entry.darkening = setTimeout(
      () => this.#do(entry, async () => void (publication.isMuted && (await publication.track?.pauseUpstream()))),
      BLACK_MS,
    );
  }

  async #publish(entry: Entry, room: Room): Promise<void> {
    const clone = entry.track.clone();
    const { source } = entry;
    try {
      await this.#shape(entry, clone);
      const common = { name: source.id, source: SOURCE[source.kind], stream: source.id };
      if (source.kind === 'microphone') {
        const publication = await room.localParticipant.publishTrack(clone, {
          ...common,
          red: false,
          dtx: false,
          forceStereo: source.settings.channels === 2,
        });
        entry.published = { room, clone, publication };
        return;
      }
      const picture = pictureOf(this.#preset, source.settings);
      if (!picture) throw new Error('no picture is wanted');
      const encoding = { maxBitrate: picture.maxBitrate, maxFramerate: picture.frameRate };
      const publication = await room.localParticipant.publishTrack(clone, {
        ...common,
        videoCodec: 'h264',
        simulcast: false,
        backupCodec: false,
        degradationPreference: 'maintain-resolution',
        videoEncoding: encoding,
        screenShareEncoding: encoding,
      });
      entry.published = { room, clone, publication };
    } catch (error) {
      clone.stop();
      throw error;
    }
  }

  /** Constrains the clone alone: the recorded track keeps its size. */
  async #shape(entry: Entry, clone: MediaStreamTrack): Promise<void> {
    if (entry.source.kind === 'microphone') return;
    const picture = pictureOf(this.#preset, entry.source.settings);
    if (!picture || this.#preset === 'full') return;
    // A canvas takes no constraints: it is published as it is.
    await clone
      .applyConstraints({ width: picture.width, height: picture.height, frameRate: picture.frameRate })
      .catch(() => undefined);
  }

  async #unpublish(entry: Entry): Promise<void> {
    const { published } = entry;
    clearTimeout(entry.darkening);
    entry.published = null;
    if (!published) return;
    published.clone.stop();
    if (published.room.state === 'connected')
      await published.room.localParticipant.unpublishTrack(published.clone, true);
  }
}
