/**
 * The appliance's one LiveKit room. It stands as long as the appliance runs, so that live viewers stay while sessions
 * begin and end. Without a server everything else goes on: the state says why there is no live picture.
 */

import type { LiveParticipant, LiveState } from '../../common/applianceState.ts';
import { fieldroomError } from '../../common/errors.ts';
import type { LiveAccess } from '../../common/ingest.ts';
import type { Kit } from '../../common/kit.ts';
import type { Log } from '../log/engineLog.ts';
import type { LivekitRoom } from './livekitRoom.ts';
import { type LivekitStatus, LivekitSupervisor } from './livekitSupervisor.ts';

export const ROOM_NAME = 'classroom';
export const CAPTURE_IDENTITY = 'appliance';
/** Long enough for a day of lessons; the secret lives no longer than this process. */
const CAPTURE_TOKEN_S = 24 * 3600;
const POLL_MS = 2000;

export interface LiveRoomOptions {
  serverPath: string | null;
  logFolder: string;
  log: Log;
  /** Where the capture window publishes; null while it cannot. */
  onAccess: (access: LiveAccess | null) => void;
  onChange: () => void;
  preset: () => Kit['live'];
}

export class LiveRoom {
  readonly #options: LiveRoomOptions;
  readonly #supervisor: LivekitSupervisor | null;
  #room: LivekitRoom | null = null;
  #participants: LiveParticipant[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(options: LiveRoomOptions) {
    this.#options = options;
    this.#supervisor =
      options.serverPath === null
        ? null
        : new LivekitSupervisor({
            serverPath: options.serverPath,
            logFolder: options.logFolder,
            log: options.log,
            onState: (status) => void this.#onStatus(status),
          });
  }

  get state(): LiveState {
    const status = this.#supervisor?.status;
    if (!status)
      return {
        state: 'off',
        message: 'There is no livekit-server: nothing is shown live. Recording is the same.',
        nextStep: 'Run `fieldroom doctor` to see how to get one.',
        url: null,
        room: null,
        restarts: 0,
        participants: [],
      };
    const { state, message, nextStep, url, restarts } = status;
    return {
      state,
      message: state === 'running' ? '' : message,
      nextStep,
      url,
      room: url ? ROOM_NAME : null,
      restarts,
      participants: state === 'running' ? this.#participants : [],
    };
  }

  get serverPid(): number | null {
    return this.#supervisor?.status.pid ?? null;
  }

  /** Starts in the background; the state tells how it went. */
  start(): void {
    // The state and the log have the reason already.
    this.#supervisor?.start().catch(() => undefined);
  }

  async stop(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    await this.#supervisor?.stop();
  }

  /** The kit's preset changed: publishers are told anew. */
  async presetChanged(): Promise<void> {
    if (this.#supervisor?.status.state === 'running') await this.#giveAccess();
  }

  /** URL and token for any LiveKit client. @throws FieldroomError `livekit.not-running` */
  async invite(
    identity: string,
    publish: boolean,
    ttlSeconds: number,
  ): Promise<{ url: string; token: string; room: string }> {
    const url = this.#supervisor?.status.url;
    if (!this.#room || !url) throw fieldroomError('livekit.not-running');
    if (identity === CAPTURE_IDENTITY) throw fieldroomError('livekit.identity-taken', { identity });
    return { url, room: ROOM_NAME, token: await this.#room.token({ identity, publish, subscribe: true, ttlSeconds }) };
  }

  async #onStatus(status: LivekitStatus): Promise<void> {
    this.#options.onChange();
    if (status.state !== 'running') return;
    try {
      this.#room = (await this.#supervisor?.openRoom(ROOM_NAME)) ?? null;
      await this.#giveAccess();
    } catch (error) {
      this.#options.log('warn', 'livekit.room', `The live room could not be made: ${(error as Error).message}`);
    }
    this.#poll();
  }

  async #giveAccess(): Promise<void> {
    const url = this.#supervisor?.status.url;
    if (!this.#room || !url) return;
    const preset = this.#options.preset();
    // Nothing live is wanted: neither pictures nor sound nor samples go to the server.
    if (preset === 'off') return this.#options.onAccess(null);
    const token = await this.#room.token({
      identity: CAPTURE_IDENTITY,
      name: 'Fieldroom',
      publish: true,
      subscribe: false,
      ttlSeconds: CAPTURE_TOKEN_S,
      describeItself: true,
    });
    this.#options.onAccess({ url, token, room: ROOM_NAME, preset });
  }

  #poll(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      if (this.#supervisor?.status.state !== 'running') return;
      const participants = await this.#room?.participants().catch(() => null);
      if (participants)
        this.#participants = participants.map(({ identity, name, state, tracks }) => ({
          identity,
          name,
          state,
          tracks: tracks.map(({ name: track, sid, kind, muted }) => ({ name: track, sid, kind, muted })),
        }));
      this.#poll();
    }, POLL_MS);
  }
}
