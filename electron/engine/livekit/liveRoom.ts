/**
 * The appliance's one LiveKit room. It exists while the appliance runs, so that live viewers stay connected as sessions
 * begin and end. The bridge publishes the door's incoming streams in it, and records what other participants publish.
 * Recording does not depend on the server or the bridge: the state says why there is no live view.
 */
import type { ApplianceState, LiveParticipant, LiveState } from '../../common/applianceState.ts';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { Socket } from '../../common/publisher/publisher.ts';
import type { EngineClock } from '../clock/engineClock.ts';
import type { Log } from '../log/engineLog.ts';
import { BridgeSupervisor } from './bridgeSupervisor.ts';
import type { LivekitRoom } from './livekitRoom.ts';
import { type LivekitStatus, LivekitSupervisor } from './livekitSupervisor.ts';
import { LiveTracks } from './liveTracks.ts';
import { RoomRecorder } from './roomRecorder.ts';

export const ROOM_NAME = 'classroom';
export const CAPTURE_IDENTITY = 'appliance';
/** Hidden: not visible to other participants. */
const RECORDER_IDENTITY = 'fieldroom-recorder';
const OWN = [CAPTURE_IDENTITY, RECORDER_IDENTITY];
/** Long enough for a day of lessons; the secret expires with this process. */
const TOKEN_S = 24 * 3600;
const POLL_MS = 2000;

export interface LiveRoomOptions {
  serverPath: string | null;
  bridgePath: string | null;
  logFolder: string;
  log: Log;
  clock: EngineClock;
  /** Opens a socket to the door's ingest, as the publisher `room`; null: the room is not recorded. */
  connectIngest: (() => Socket) | null;
  /** Whether streams that are not recorded must be delivered for the live view. */
  onWanted: (wanted: boolean) => void;
  /** A viewer of a stream needs a key frame. */
  onKeyFrame: (stream: string) => void;
  onChange: () => void;
  /** Whether the kit in use wants a live view. */
  wanted: () => boolean;
}

export class LiveRoom {
  readonly #options: LiveRoomOptions;
  readonly #supervisor: LivekitSupervisor | null;
  readonly #bridge: BridgeSupervisor | null;
  readonly #recorder: RoomRecorder | null;
  /** The appliance's own tracks. */
  readonly tracks: LiveTracks;
  readonly #wallOffsetNs: bigint;
  #room: LivekitRoom | null = null;
  #access: { url: string; publish: string; record: string } | null = null;
  #participants: LiveParticipant[] = [];
  #timer: NodeJS.Timeout | null = null;
  #wanted = false;

  constructor(options: LiveRoomOptions) {
    this.#options = options;
    const { clock, log, logFolder, serverPath, bridgePath } = options;
    this.#wallOffsetNs = clock.wall() - clock.now();
    this.#supervisor =
      serverPath === null
        ? null
        : new LivekitSupervisor({ serverPath, logFolder, log, onState: (status) => void this.#onStatus(status) });
    this.tracks = new LiveTracks({
      order: (order) => this.#bridge?.order(order),
      offer: (frame) => this.#bridge?.offer(frame) ?? false,
      onKeyFrame: options.onKeyFrame,
      onRefused: (stream, message) => log('warn', 'live.refused', `${stream} is not shown live: ${message}.`),
    });
    this.#recorder =
      options.connectIngest === null
        ? null
        : new RoomRecorder({
            connect: options.connectIngest,
            clock,
            onRecording: () => this.#orderRecording(),
            onChange: options.onChange,
          });
    this.#bridge =
      bridgePath === null || serverPath === null
        ? null
        : new BridgeSupervisor({
            path: bridgePath,
            logFolder,
            clock,
            wallOffsetNs: Number(this.#wallOffsetNs),
            log,
            onReady: () => this.#tellBridge(),
            onReport: (report) => {
              this.tracks.onReport(report);
              this.#recorder?.onReport(report);
              if (report.type === 'live' && report.message) log('warn', 'live.connecting', report.message);
            },
            onRecorded: (recorded) => this.#recorder?.onRecorded(recorded),
            onLost: () => this.#recorder?.bridgeLost(),
          });
  }

  get state(): LiveState {
    const status = this.#supervisor?.status;
    if (!status)
      return {
        state: 'off',
        message: 'livekit-server was not found, so there is no live view. Recording is not affected.',
        nextStep: 'Run `fieldroom doctor` to see how to install it.',
        url: null,
        room: null,
        restarts: 0,
        participants: [],
      };
    const { state, message, nextStep, url, restarts } = status;
    const running = state === 'running';
    return {
      state,
      message: running ? this.#bridgeMessage() : message,
      nextStep,
      url,
      room: url ? ROOM_NAME : null,
      restarts,
      participants: running ? this.#participants.map((participant) => this.#withRecording(participant)) : [],
    };
  }

  /** Whether the live view shows streams that are not recorded. */
  get wanted(): boolean {
    return this.#wanted;
  }

  get serverPid(): number | null {
    return this.#supervisor?.status.pid ?? null;
  }

  get bridgePid(): number | null {
    return this.#bridge?.pid ?? null;
  }

  /** Starts in the background; the state shows the result. */
  start(): void {
    // The reason is already in the state and the log.
    this.#supervisor?.start().catch(() => undefined);
    this.#bridge?.start();
    if (this.#bridge) this.#recorder?.open();
  }

  async stop(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#recorder?.close();
    await Promise.all([this.#bridge?.stop(), this.#supervisor?.stop()]);
  }

  /** Another kit is in use. */
  kitChanged(): void {
    this.#setWanted();
    this.#orderRoom();
  }

  /** Publishes the status of the sources and the session in the room. @param zeroEngineNs of the session's time 0 */
  describe(state: Pick<ApplianceState, 'sources' | 'session'>, zeroEngineNs: bigint | null): void {
    const zeroUnixMs = zeroEngineNs === null ? null : Number(zeroEngineNs + this.#wallOffsetNs) / 1e6;
    this.tracks.describe(state, zeroUnixMs);
  }

  /** URL and token for any LiveKit client. @throws FieldroomError `livekit.not-running` */
  async invite(
    identity: string,
    publish: boolean,
    ttlSeconds: number,
  ): Promise<{ url: string; token: string; room: string }> {
    const url = this.#supervisor?.status.url;
    if (!this.#room || !url) throw fieldroomError('livekit.not-running');
    if (OWN.includes(identity)) throw fieldroomError('livekit.identity-taken', { identity });
    return { url, room: ROOM_NAME, token: await this.#room.token({ identity, publish, subscribe: true, ttlSeconds }) };
  }

  async #onStatus(status: LivekitStatus): Promise<void> {
    this.#options.onChange();
    if (status.state !== 'running') return;
    try {
      this.#room = (await this.#supervisor?.openRoom(ROOM_NAME)) ?? null;
      await this.#makeAccess();
    } catch (error) {
      const message = error instanceof FieldroomError ? error.message : String(error);
      this.#options.log('warn', 'livekit.room', `The live room could not be created: ${message}`);
    }
    this.#poll();
  }

  async #makeAccess(): Promise<void> {
    const url = this.#supervisor?.status.url;
    if (!this.#room || !url || this.#access?.url === url) return;
    const [publish, record] = await Promise.all([
      this.#room.token({
        identity: CAPTURE_IDENTITY,
        name: 'Fieldroom',
        publish: true,
        subscribe: false,
        ttlSeconds: TOKEN_S,
        describeItself: true,
      }),
      this.#room.token({
        identity: RECORDER_IDENTITY,
        publish: false,
        subscribe: true,
        ttlSeconds: TOKEN_S,
        hidden: true,
      }),
    ]);
    this.#access = { url, publish, record };
    this.#orderRoom();
    this.#orderRecording();
  }

  #tellBridge(): void {
    this.tracks.tellAll();
    this.#orderRoom();
    this.#orderRecording();
    this.#setWanted();
  }

  #orderRoom(): void {
    const access = this.#options.wanted() ? this.#access : null;
    this.#bridge?.order({ type: 'room', ...(access ? { url: access.url, token: access.publish } : {}) });
  }

  #orderRecording(): void {
    if (!this.#recorder) return;
    const { url, record: token } = this.#access ?? {};
    const where = url && token ? { url, token } : {};
    this.#bridge?.order({ type: 'record', ...where, own: OWN, on: this.#recorder.recording });
  }

  #setWanted(): void {
    const wanted = this.#bridge !== null && this.#options.wanted();
    this.tracks.on = wanted;
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#options.onWanted(wanted);
  }

  #bridgeMessage(): string {
    if (this.#bridge) return this.#bridge.message;
    return 'The bridge to the live room was not found: nothing is shown live. Run `fieldroom doctor` to see how to install it.';
  }

  #withRecording(participant: LiveParticipant): LiveParticipant {
    if (participant.identity === CAPTURE_IDENTITY) return participant;
    const tracks = participant.tracks.map((track) => {
      const known = this.#recorder?.tracks.find(({ sid }) => sid === track.sid);
      return known ? { ...track, recorded: known.recorded, reason: known.reason } : track;
    });
    return { ...participant, tracks };
  }

  #poll(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      if (this.#supervisor?.status.state !== 'running') return;
      const participants = await this.#room?.participants().catch(() => null);
      if (participants)
        this.#participants = participants
          .filter(({ identity }) => identity !== RECORDER_IDENTITY)
          .map(({ identity, name, state, tracks }) => ({
            identity,
            name,
            state,
            tracks: tracks.map(({ name: track, sid, kind, muted }) => ({ name: track, sid, kind, muted })),
          }));
      this.#poll();
    }, POLL_MS);
  }
}
