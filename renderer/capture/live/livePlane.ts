/**
 * The live plane: this window as a participant of the session's LiveKit room. It comes back by itself for ever, and
 * whatever happens to it, the recording does not notice: it only ever gets clones.
 */
import { DisconnectReason, Room, RoomEvent } from 'livekit-client';
import type { LiveAccess } from '../../../electron/common/ingest.ts';
import type { MediaSource } from '../../../electron/common/kit.ts';
import type { Stream } from '../../../electron/common/stream.ts';
import { describeSource, describeStream, type LiveDescription } from './liveDescriptions.ts';
import { type LivePreset, smaller } from './livePresets.ts';
import { LivePressure } from './livePressure.ts';
import { LiveSensors } from './liveSensors.ts';
import { LiveTracks } from './liveTracks.ts';
import type { Row } from './sampleMessage.ts';

export type LiveEvent = (level: 'info' | 'warn' | 'error', code: string, message: string) => void;

const REJOIN_MS = [200, 500, 1000, 2000, 4000];
const DESCRIBE_MS = 50;

export class LivePlane {
  readonly #event: LiveEvent;
  readonly #tracks: LiveTracks;
  readonly #sensors: LiveSensors;
  readonly #pressure = new LivePressure();
  readonly #descriptions = new Map<string, LiveDescription>();
  #access: LiveAccess | null = null;
  #room: Room | null = null;
  /** Counts joins: what an earlier one still says is not heard. */
  #join = 0;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #describing: ReturnType<typeof setTimeout> | undefined;
  #told = new Set<string>();

  constructor(event: LiveEvent) {
    this.#event = event;
    const trouble = (name: string, error: unknown): void =>
      this.#once(
        `publish ${name}`,
        'warn',
        'live.publish-failed',
        `${name} cannot be seen live: ${String(error)}. It is recorded all the same.`,
      );
    this.#tracks = new LiveTracks(trouble);
    this.#sensors = new LiveSensors(trouble);
    setInterval(() => this.#tick(), 1000);
  }

  /** Where to publish; null: nowhere now. A new token alone is kept for the next join. */
  setAccess(access: LiveAccess | null): void {
    const before = this.#access;
    this.#access = access;
    this.#tracks.setPreset(this.#preset());
    const same = before !== null && access !== null && before.url === access.url && before.room === access.room;
    if (same && (before.token === access.token || this.#room?.state === 'connected')) return;
    this.#tries = 0;
    this.#leave();
    if (access) this.#later(0);
  }

  setTrack(source: MediaSource, track: MediaStreamTrack | null): void {
    if (track) this.#describe(source.id, describeSource(source));
    else this.#pressure.forget(source.id);
    this.#tracks.setTrack(source, track);
  }

  rename(source: MediaSource): void {
    if (this.#descriptions.has(source.id)) this.#describe(source.id, describeSource(source));
  }

  setStream(stream: Stream): void {
    if (stream.kind !== 'samples') return;
    this.#describe(stream.id, describeStream(stream));
    this.#sensors.add(stream.id);
  }

  samples(stream: string, rows: readonly Row[]): void {
    this.#sensors.samples(stream, rows);
  }

  setPaused(paused: readonly string[]): void {
    this.#tracks.setPaused(paused);
  }

  /** How the recording's encoder of a source is doing. */
  setLoad(source: string, queue: number, lost: number): void {
    this.#pressure.add(source, queue, lost);
  }

  /** What the engine asks for, less what was given way. */
  #preset(): LivePreset {
    let preset: LivePreset = this.#access?.preset ?? 'off';
    for (let step = 0; step < this.#pressure.steps; step += 1) preset = smaller(preset);
    return preset;
  }

  #tick(): void {
    const todo = this.#pressure.tick(this.#access !== null && this.#preset() !== 'silent');
    if (!todo) return;
    const preset = this.#preset();
    this.#tracks.setPreset(preset);
    const now = inWords(preset);
    const [level, code, message] = (
      {
        'give-way': [
          'warn',
          'live.gave-way',
          `The computer is short of time: ${now}, so that the recording stays whole.`,
        ],
        'in-vain': [
          'warn',
          'live.in-vain',
          `With less of the live view the computer is as short of time: something else keeps it busy. Now ${now}.`,
        ],
        'give-back': ['info', 'live.given-back', `The computer has time again: ${now}.`],
      } as const
    )[todo];
    this.#event(level, code, message);
  }

  #later(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), delayMs);
  }

  async #connect(): Promise<void> {
    const access = this.#access;
    if (!access) return;
    this.#join += 1;
    const join = this.#join;
    const room = new Room({
      adaptiveStream: false,
      dynacast: false,
      stopLocalTrackOnUnpublish: false,
      disconnectOnPageLeave: true,
    });
    this.#room = room;
    room.on(RoomEvent.Disconnected, (reason) => {
      if (join === this.#join) this.#lost(reason);
    });
    // A server that was restarted knows nothing of us. The library would publish everything again itself, but data tracks
    // stay silent after that and publications are others than those we hold: a new room is clean, and quicker.
    room.on(RoomEvent.Reconnecting, () => {
      if (join === this.#join) this.#lost(undefined);
    });
    try {
      await room.connect(access.url, access.token, {
        autoSubscribe: false,
        rtcConfig: { iceServers: [] },
        maxRetries: 0,
      });
    } catch (error) {
      if (join !== this.#join) return;
      this.#once(
        'connect',
        'warn',
        'live.connect-failed',
        `The live room cannot be reached: ${String(error)}. The recording does not need it.`,
      );
      return this.#lost(undefined);
    }
    if (join !== this.#join) return void room.disconnect(true);
    this.#tries = 0;
    this.#told.delete('connect');
    this.#sendDescriptions();
    this.#tracks.setRoom(room);
    this.#sensors.setRoom(room);
  }

  #lost(reason: DisconnectReason | undefined): void {
    this.#leave();
    if (reason === DisconnectReason.DUPLICATE_IDENTITY)
      this.#once('twice', 'warn', 'live.duplicate', 'Another program took this window’s place in the live room.');
    this.#later(REJOIN_MS[Math.min(this.#tries, REJOIN_MS.length - 1)] as number);
    this.#tries += 1;
  }

  #leave(): void {
    this.#join += 1;
    clearTimeout(this.#timer);
    const room = this.#room;
    this.#room = null;
    this.#tracks.setRoom(null);
    this.#sensors.setRoom(null);
    // The tracks are ours: the room must not stop them.
    void room?.disconnect(false).catch(() => undefined);
  }

  #describe(name: string, description: LiveDescription): void {
    this.#descriptions.set(name, description);
    clearTimeout(this.#describing);
    this.#describing = setTimeout(() => this.#sendDescriptions(), DESCRIBE_MS);
  }

  #sendDescriptions(): void {
    const room = this.#room;
    if (room?.state !== 'connected') return;
    const attributes = Object.fromEntries(
      [...this.#descriptions].map(([name, description]) => [name, JSON.stringify(description)]),
    );
    room.localParticipant
      .setAttributes(attributes)
      .catch((error: unknown) =>
        this.#once(
          'describe',
          'warn',
          'live.describe-failed',
          `The live tracks have no descriptions: ${String(error)}.`,
        ),
      );
  }

  /** Tells a trouble once until it is over: what repeats every second is no news. */
  #once(key: string, level: 'info' | 'warn', code: string, message: string): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#event(level, code, message);
  }
}

function inWords(preset: LivePreset): string {
  if (preset === 'silent') return 'live pictures and sound are off';
  return `live pictures are ${preset === 'off' ? 'off' : `"${preset}"`}, live sound is on`;
}
