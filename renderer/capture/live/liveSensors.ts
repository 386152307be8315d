/** Sensors as data tracks: named as their stream, JSON, one message a batch. Lossy by nature; the recording is not made of it. */
import type { LocalDataTrack, Room } from 'livekit-client';
import { type Row, sampleMessages } from './sampleMessage.ts';

export class LiveSensors {
  readonly #names = new Set<string>();
  readonly #tracks = new Map<string, { room: Room; track: Promise<LocalDataTrack> }>();
  readonly #onTrouble: (stream: string, error: unknown) => void;
  #room: Room | null = null;

  constructor(onTrouble: (stream: string, error: unknown) => void) {
    this.#onTrouble = onTrouble;
  }

  setRoom(room: Room | null): void {
    this.#room = room;
    for (const name of this.#names) this.#publish(name);
  }

  add(name: string): void {
    this.#names.add(name);
    this.#publish(name);
  }

  samples(name: string, rows: readonly Row[]): void {
    const entry = this.#tracks.get(name);
    if (!entry || entry.room !== this.#room || this.#room?.state !== 'connected') return;
    void entry.track
      .then(async (track) => {
        for (const message of sampleMessages(rows)) await track.tryPush(message);
      })
      // Refused while it is published anew after a break, or when the channel is full: live data is not kept.
      .catch(() => undefined);
  }

  #publish(name: string): void {
    const room = this.#room;
    if (!room || this.#tracks.get(name)?.room === room) return;
    const track = room.localParticipant.publishDataTrack({ name });
    this.#tracks.set(name, { room, track });
    track.catch((error: unknown) => {
      if (this.#tracks.get(name)?.room === room) this.#tracks.delete(name);
      if (this.#room === room && room.state === 'connected') this.#onTrouble(name, error);
    });
  }
}
