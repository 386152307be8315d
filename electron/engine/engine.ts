/**
 * Assembles the recorder. It runs standalone (`fieldroom serve`) or as the app's child, in the Node runtime shipped
 * with Fieldroom.
 *
 *   publishers ─▶ door ─▶ recorder ─▶ active session ─▶ store worker
 *   callers    ─▶ door ─▶ handlers ─▶ recorder, sealer, livekit
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';
import type { DoorEvent } from '../common/door.ts';
import { fieldroomError } from '../common/errors.ts';
import type { PublisherMessage } from '../common/ingest.ts';
import type { ClockMonitor } from './clock/clockMonitor.ts';
import { type EngineClock, systemClock } from './clock/engineClock.ts';
import {
  formerHostLives,
  hostPassFile,
  isAlive,
  keepHostPass,
  keepHostPid,
  prepareDataFolder,
  readLock,
  removeLock,
  writeLock,
} from './dataFolder.ts';
import { DiskMonitor, type DiskOptions } from './disk/diskMonitor.ts';
import { Door } from './door/door.ts';
import { type NewPublisher, Tokens } from './door/tokens.ts';
import { ExportService } from './exports/exportService.ts';
import { makeHandlers } from './handlers.ts';
import { KitStore } from './kitStore.ts';
import { LiveRoom } from './livekit/liveRoom.ts';
import { roomSocket } from './livekit/roomSocket.ts';
import { ROOM_PUBLISHER } from './livekit/roomStreams.ts';
import { EngineLog } from './log/engineLog.ts';
import { ReviewService } from './review/reviewService.ts';
import { monitorClocks } from './session/clockWarnings.ts';
import { Recorder } from './session/recorder.ts';
import { recoverSessions } from './session/recover.ts';
import { Sealer } from './session/sealer.ts';
import { SilentPublishers } from './session/silentPublishers.ts';
import { DeviceHostSupervisor } from './sources/deviceHostSupervisor.ts';
import { type PublisherKindName, publisherKinds } from './sources/publisherKinds.ts';
import { SourceRegistry } from './sources/sourceRegistry.ts';
import { StatePublisher } from './statePublisher.ts';
import { StudyStore } from './studyStore.ts';
import type { UploaderPace } from './upload/uploaderMessages.ts';
import { UploadService } from './upload/uploadService.ts';
import { VERSION } from './version.ts';

export interface EngineOptions {
  dataFolder: string;
  /** Folder of the logs; default `<dataFolder>/.fieldroom/logs`. */
  logFolder?: string;
  /** The livekit-server program; null: no live view; recording is unaffected. */
  livekitServer: string | null;
  /** The bridge to the live room; null: nothing is published there or recorded from it. */
  bridge?: string | null;
  /** Start the device host; tests that bring their own publishers leave it out. */
  deviceHost?: boolean;
  /** Port of the door; 0 (default): a free one, or the last one when a crashed engine is followed. */
  port?: number;
  /** Preferred port of the door, used if it is free, so that clients of the previous engine find this one. */
  wantedPort?: number;
  clock?: EngineClock;
  /** Seconds since the machine was started, sleep included; tests supply their own. */
  sinceBootS?: () => number;
  /** Settings of the disk monitor. */
  disk?: DiskOptions;
  /** Upload retry settings; for tests. */
  uploadPace?: UploaderPace;
  /** An app attaches to this engine (its process id) or detaches (null). */
  onAttend?: (pid: number | null) => void;
}

const TOKEN_LIFE_MS = 30 * 24 * 3600 * 1000;
/** How long the live server waits at most for the device host, and how often it checks. */
const LIVE_WAITS_MS = 3000;
const LOOK_MS = 50;
const HOST = publisherKinds.devices.own;

export class Engine {
  readonly recorder: Recorder;
  readonly sealer: Sealer;
  readonly disk: DiskMonitor;
  readonly review: ReviewService;
  readonly live: LiveRoom;
  readonly uploads: UploadService;
  readonly exports: ExportService;
  readonly log: EngineLog;
  readonly dataFolder: string;
  readonly #door: Door;
  readonly #tokens: Tokens;
  readonly #state: StatePublisher;
  readonly #clocks: ClockMonitor;
  readonly #silent: SilentPublishers;
  #deviceHost: DeviceHostSupervisor | null = null;
  #liveTimer: NodeJS.Timeout | undefined;
  #url = '';
  #stopping: Promise<void> | null = null;
  /** Resolves when the engine has ended. */
  readonly ended = Promise.withResolvers<void>();

  /**
   * Starts everything and listens.
   * @throws FieldroomError `data.*` when the folder cannot be used, `data.in-use` when another engine has it
   */
  static async start(options: EngineOptions): Promise<Engine> {
    prepareDataFolder(options.dataFolder);
    const before = readLock(options.dataFolder);
    if (before && (await isAlive(before))) {
      throw fieldroomError(
        'data.in-use',
        { dataFolder: options.dataFolder, pid: before.pid },
        { data: { pid: before.pid } },
      );
    }
    // From here on, files written by any thread are readable by this user only.
    if (isMainThread) process.umask(0o077);
    const lastPort = options.wantedPort ?? (before ? Number(new URL(before.url).port) : 0);
    // A new key for each run: data sent to a program that took a crashed engine's port is useless.
    const engine = new Engine(options, randomBytes(32).toString('base64url'), lastPort);
    await engine.#open(options, before !== null);
    return engine;
  }

  private constructor(options: EngineOptions, secret: string, lastPort: number) {
    this.dataFolder = options.dataFolder;
    const clock = options.clock ?? systemClock();
    const logFolder = options.logFolder ?? join(options.dataFolder, '.fieldroom', 'logs');
    mkdirSync(logFolder, { recursive: true });
    this.log = new EngineLog(join(logFolder, 'engine.log'));
    const log = this.log.write;
    const board = new SourceRegistry();
    this.#tokens = new Tokens(secret);
    this.uploads = new UploadService({
      dataFolder: options.dataFolder,
      log,
      onComplaint: (line) => this.log.line('uploader', line),
      onNeeds: () => this.#state.changed(),
      pace: options.uploadPace,
    });
    this.exports = new ExportService({ dataFolder: options.dataFolder, log });
    this.sealer = new Sealer({
      log,
      onChange: () => this.#state.changed(),
      onSealed: () => this.uploads.changed(),
    });
    this.live = new LiveRoom({
      serverPath: options.livekitServer,
      bridgePath: options.bridge ?? null,
      logFolder,
      log,
      clock,
      connectIngest: () => {
        const room = { name: ROOM_PUBLISHER, expiresMs: Date.now() + TOKEN_LIFE_MS };
        return roomSocket({ url: this.#url, token: this.publisherToken('room', room) });
      },
      onWanted: (wanted) => this.#liveWanted(wanted),
      onKeyFrame: (stream) => this.recorder.requestKeyFrame(stream),
      onChange: () => this.#state.changed(),
      wanted: () => this.recorder.kit?.kit.live !== 'off',
    });
    this.recorder = new Recorder({
      dataFolder: options.dataFolder,
      clock,
      board,
      live: this.live.tracks,
      mayRecord: () => this.disk.mayRecord(),
      software: { fieldroom: VERSION, node: process.version, platform: `${process.platform}-${process.arch}` },
      onChange: () => {
        this.uploads.setRecording(this.recording);
        this.exports.setRecording(this.recording);
        this.#state.changed();
      },
      onClosed: (folder, id) => this.sealer.seal(folder, id),
      onPreview: (message) => this.#push(previewEvent(message)),
      onSamples: (stream, rows) => this.#push({ type: 'samples', stream, rows }),
      log: (level, code, message) => {
        log(level, code, message);
        this.#push({ type: 'event', level, code, message, at: new Date().toISOString() });
      },
    });
    this.#clocks = monitorClocks(this.recorder, log, {
      clock,
      ...(options.sinceBootS ? { sinceBootS: options.sinceBootS } : {}),
    });
    this.review = new ReviewService({
      dataFolder: options.dataFolder,
      recorder: this.recorder,
      sealer: this.sealer,
      log,
    });
    this.disk = new DiskMonitor({
      ...options.disk,
      dataFolder: options.dataFolder,
      recorder: this.recorder,
      log,
      onChange: () => this.#state.changed(),
    });
    this.#silent = new SilentPublishers(this.recorder, () => this.#state.changed());
    this.#state = new StatePublisher({
      dataFolder: options.dataFolder,
      clock,
      board,
      recorder: this.recorder,
      disk: this.disk,
      sealer: this.sealer,
      silent: this.#silent,
      live: this.live,
      uploads: this.uploads,
      push: (state) => {
        this.#push({ type: 'state', state });
        this.live.describe(state, this.recorder.session?.meta.zeroEngineNs ?? null);
      },
    });
    this.#door = new Door({
      port: options.port ?? lastPort,
      tokens: this.#tokens,
      clock,
      handlers: makeHandlers({
        recorder: this.recorder,
        sealer: this.sealer,
        review: this.review,
        live: this.live,
        uploads: this.uploads,
        exports: this.exports,
        board,
        state: this.#state,
        kitStore: new KitStore(options.dataFolder),
        isGranted: (path, grant) => this.#tokens.isGranted(path, grant),
        studies: new StudyStore(options.dataFolder),
        shutdown: () => this.stop(),
        attend: options.onAttend ?? (() => undefined),
        dataFolder: options.dataFolder,
      }),
      ingest: this.recorder.desk,
      media: { folderOf: (key) => this.review.client.ask('folder', { key }) },
      onWatch: () => this.#watched(),
    });
  }

  get url(): string {
    return this.#url;
  }

  /** A token for one part of the appliance: a reader, or its own publisher of that kind. */
  tokenFor(part: 'operator' | 'viewer' | PublisherKindName): string {
    const expiresMs = Date.now() + TOKEN_LIFE_MS;
    return part === 'operator' || part === 'viewer'
      ? this.#tokens.issue({ role: part, name: part, expiresMs })
      : this.#tokens.publisher(part, { expiresMs });
  }

  /** A token for an external publisher. @throws FieldroomError `publisher.bad-name` */
  publisherToken(kind: PublisherKindName, publisher: NewPublisher): string {
    return this.#tokens.publisher(kind, publisher);
  }

  /** Allows writing a kit file outside the store, because a person chose it. */
  grantKitPath(path: string): string {
    return this.#tokens.grant(path);
  }

  /** For callers that may grant kit paths. */
  get grantKey(): string {
    return this.#tokens.grantKey;
  }

  get recording(): boolean {
    return this.recorder.session !== null;
  }

  /**
   * Ends everything in order; a session that records is stopped and closed first, and sealed at the next start if
   * necessary.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #open(options: EngineOptions, mayResume: boolean): Promise<void> {
    this.#url = await this.#listen(options);
    const secret = this.#tokens.secret;
    keepHostPass(this.dataFolder, { url: this.#url, token: this.tokenFor('devices') });
    writeLock(this.dataFolder, { pid: process.pid, url: this.#url, secret, startedMs: Date.now() });
    this.log.write('info', 'engine.ready', `Fieldroom ${VERSION} listens at ${this.#url}.`);
    if (mayResume) this.recorder.restorePauses();
    await recoverSessions({
      dataFolder: this.dataFolder,
      recorder: this.recorder,
      sealer: this.sealer,
      mayResume,
      log: this.log.write,
    });
    await this.disk.start();
    this.#door.open();
    if (options.deviceHost ?? true) this.#startDeviceHost();
    this.#startLive(performance.now() + LIVE_WAITS_MS);
    this.uploads.start();
    this.#state.start();
    this.#clocks.start();
    this.#silent.start();
  }

  /** The last engine's port is tried first, so that publishers which outlived it find this one. */
  async #listen(options: EngineOptions): Promise<string> {
    return this.#door.listen().catch((error: unknown) => {
      if (options.port !== undefined) throw error;
      this.log.write('warn', 'door.port-moved', 'The last port of the door is taken: another one is used.');
      return this.#door.listen(0);
    });
  }

  #startDeviceHost(): void {
    this.#deviceHost = new DeviceHostSupervisor({
      door: { url: this.#url, token: this.tokenFor('devices'), pass: hostPassFile(this.dataFolder) },
      onLog: (line) => this.log.line('device-host', line),
      onProcess: (pid, event, detail) => {
        if (event === 'start') keepHostPid(this.dataFolder, pid);
        this.recorder.session?.process('device-host', pid, event, detail);
        this.log.write(
          event === 'start' ? 'info' : 'warn',
          `device-host.${event}`,
          `The device host (process ${pid}): ${event} ${detail}`.trimEnd(),
        );
      },
    });
    // A session that was resumed may have left its device host running, with samples that are not stored yet.
    if (this.recording)
      this.#deviceHost.startAfterFormer(
        () => this.#isHere(HOST),
        () => this.recording && formerHostLives(this.dataFolder),
      );
    else this.#deviceHost.start();
  }

  /** Recording comes first: the live server takes a core for a second, while the device host is still starting. */
  #startLive(untilMs: number): void {
    const waits = this.#deviceHost !== null && !this.#isHere(HOST) && performance.now() < untilMs;
    if (waits) this.#liveTimer = setTimeout(() => this.#startLive(untilMs), LOOK_MS);
    else this.live.start();
  }

  #isHere(publisher: string | undefined): boolean {
    return [...this.recorder.connections].some((connection) => connection.publisher === publisher);
  }

  #liveWanted(wanted: boolean): void {
    this.recorder.setLive(wanted);
    this.#watched();
  }

  #push(event: Parameters<Door['push']>[0]): void {
    this.#door.push(event);
  }

  #watched(): void {
    const watchers = [...this.#door.watchers];
    this.recorder.desk.setWatching(
      watchers.some((watcher) => watcher.wants.previews),
      watchers.some((watcher) => watcher.wants.samples),
      this.live.wanted,
    );
    this.#state.changed();
  }

  async #stop(): Promise<void> {
    this.log.write('info', 'engine.stopping', 'The recorder ends.');
    clearTimeout(this.#liveTimer);
    if (this.recorder.session)
      await this.recorder.stop().catch((error: unknown) => this.log.write('error', 'session.stop', String(error)));
    this.#state.stop();
    this.#clocks.stop();
    this.#silent.stop();
    await this.disk.stop();
    await Promise.allSettled([
      this.#deviceHost?.stop(),
      this.exports.stop(),
      this.live.stop(),
      this.sealer.settle(),
      this.recorder.close(),
      this.review.close(),
      this.uploads.close(),
    ]);
    await this.#door.close();
    removeLock(this.dataFolder);
    await this.log.close();
    this.ended.resolve();
  }
}

/** As viewers receive it, without the brightness, which only the recorder uses. */
function previewEvent(message: Extract<PublisherMessage, { type: 'previewFrame' | 'level' }>): DoorEvent {
  if (message.type === 'level') return message;
  const { source, jpeg, width, height } = message;
  return { type: 'preview', source, jpeg, width, height };
}
