/**
 * One camera, microphone or screen, from its entry in the kit to packets at the publisher: finds its device, opens it,
 * passes its frames to the worker, and reopens it after any failure, for as long as the kit names it.
 *
 *   searching ─▶ opening ─▶ streaming ─▶ (ended, frozen, failed) ─▶ back-off ─▶ searching
 *        └▶ choosing (a person says which)      └▶ error: cannot be encoded (until devices change)
 */
import type { MediaSource } from '../../electron/common/kit.ts';
import type { PublishedStream } from '../../electron/common/publisher/publishedStream.ts';
import type { Publisher } from '../../electron/common/publisher/publisher.ts';
import type { CaptureWorker } from './captureWorker.ts';
import { type Configured, sameConfig } from './configured.ts';
import { declarationOf } from './declaration.ts';
import type { Device } from './deviceMatch.ts';
import type { DeviceRegistry } from './deviceRegistry.ts';
import { FrameLedger, framesMade } from './frameLedger.ts';
import {
  cannotEncode,
  choosing,
  frozen,
  lost,
  notThere,
  STREAMING,
  type StateWords,
  type Trouble,
  troubleOf,
} from './mediaErrors.ts';
import { OpenGap } from './openGap.ts';
import { type ChooseScreen, openMedia, settingsFacts } from './openMedia.ts';
import type { OpenTrack } from './openTrack.ts';
import { readInWorker } from './readInWorker.ts';
import { retryDelayMs } from './retryDelay.ts';
import type { FromWorker, WorkerPacket } from './workerMessages.ts';

export interface RunnerContext {
  publisher: Publisher;
  worker: CaptureWorker;
  devices: DeviceRegistry;
  chooseScreen: ChooseScreen;
  /** Clock offset per microphone, for the sync bench. */
  microphoneDriftPpm: Readonly<Record<string, number>>;
  nowNs: () => number;
}

export class SourceRunner {
  source: MediaSource;
  readonly #context: RunnerContext;
  readonly #gap = new OpenGap();
  #instance = 0;
  #open: OpenTrack | null = null;
  #stream: PublishedStream | null = null;
  #config: Configured | null = null;
  /** The opening that the configuration belongs to. */
  #configOf = -1;
  #state: StateWords = { state: 'searching', message: '', nextStep: '', code: '' };
  #device = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #paused = false;
  #stopped = false;
  #busy = false;
  #cannotEncode = '';
  #ledger = new FrameLedger();
  /** Frames that only the browser's count showed to be missing, since the device was opened. */
  unseen = 0;

  constructor(source: MediaSource, context: RunnerContext) {
    this.source = source;
    this.#context = context;
    if (source.kind !== 'screen' && source.driver !== 'simulated')
      context.devices.want(source.kind, { source: source.id, match: source.match });
  }

  start(): void {
    void this.#attempt();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#shut();
    this.#context.devices.forget(this.source.id);
  }

  /** A device was plugged in or unplugged. */
  devicesChanged(): void {
    if (this.#open || this.#busy) return;
    this.#cannotEncode = '';
    this.#tries = 0;
    void this.#attempt();
  }

  /** The worker that read it died. */
  workerLost(): void {
    if (this.#open)
      this.#fail(
        {
          ...lost(this.source.kind, this.#device),
          code: 'capture.worker-failed',
          message: 'The encoder failed and was restarted.',
          nextStep: '',
          cause: 'process-restarted',
        },
        this.#context.nowNs(),
      );
  }

  /** Label, location or participant changed; the device stays open. */
  rename(source: MediaSource): void {
    this.source = source;
    this.#declare();
  }

  setPaused(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.report();
  }

  sessionBegins(): void {
    this.#gap.sessionBegins(this.#stream, this.#context.nowNs());
  }

  /** Reports its state, also after a reconnect. */
  report(): void {
    const words =
      this.#paused && this.#state.state === 'streaming' ? { ...this.#state, state: 'paused' as const } : this.#state;
    this.#context.publisher.report({
      source: this.source.id,
      device: this.#device.slice(0, 300),
      candidates: [],
      ...words,
      message: words.message.slice(0, 500),
    });
  }

  onWorker(message: FromWorker): void {
    if (message.instance !== this.#instance) return;
    switch (message.type) {
      case 'first':
        this.#tries = 0;
        return;
      case 'config':
        // Some encoders report it again with every key frame.
        if (sameConfig(this.#config, message) && this.#stream && this.#configOf === message.instance) return;
        this.#config = message;
        this.#configOf = message.instance;
        this.#declare();
        if (this.#state.state !== 'streaming') this.#set(STREAMING);
        return;
      case 'gap':
        this.#stream?.gap(message.fromNs, message.toNs, message.cause, message.lost, message.detail);
        return;
      case 'counted':
        this.#counted(message);
        return;
      case 'frozen':
        this.#fail(frozen(this.source.kind, this.#device), message.sinceNs);
        return;
      case 'ended':
        this.#fail(lost(this.source.kind, this.#device), message.atNs);
        return;
      case 'cannotEncode':
        this.#giveUp(message.detail);
    }
  }

  /** Forwards the worker's figures to the operator's health display. */
  stats(figures: Extract<FromWorker, { type: 'stats' }>): void {
    const stream = this.#stream;
    if (figures.instance !== this.#instance || !stream) return;
    this.#context.publisher.send({
      type: 'stats',
      handle: stream.handle,
      produced: stream.produced,
      dropped: stream.dropped + figures.dropped + this.unseen,
      bufferedBytes: stream.outbox.bytes,
      read: figures.read,
      slow: figures.slow,
      queue: figures.queue,
    });
  }

  /** Asks the worker how many frames it has read, to compare with the browser's count. */
  count(): void {
    const made = this.#open && this.source.kind === 'camera' ? framesMade(this.#open.track) : null;
    if (made !== null)
      this.#context.worker.post({ type: 'count', source: this.source.id, instance: this.#instance, made });
  }

  #counted({ made, read, told, widest }: Extract<FromWorker, { type: 'counted' }>): void {
    const madeThen = this.#open ? framesMade(this.#open.track) : null;
    if (madeThen === null) return;
    const lost = this.#ledger.add({ made, madeThen, read, told });
    if (lost === 0 || this.#paused) return;
    this.unseen += lost;
    if (!this.#stream?.live) return;
    const { fromNs, toNs } = widest ?? { fromNs: this.#context.nowNs(), toNs: this.#context.nowNs() };
    this.#stream.gap(fromNs, toNs, 'frames-lost', lost, "by the browser's count; where is a guess");
  }

  /** @returns false if no session wants it. */
  packet(packet: WorkerPacket, instance: number): boolean {
    const stream = this.#stream;
    if (instance !== this.#instance || !stream?.live) return false;
    this.#gap.end(stream, packet.publisherNs);
    return stream.packet(packet);
  }

  /** Sends one packet for live viewing; it is not recorded. */
  showLive(packet: WorkerPacket, instance: number): void {
    if (instance === this.#instance) this.#stream?.showLive(packet);
  }

  async #attempt(): Promise<void> {
    if (this.#stopped || this.#open || this.#busy || this.#cannotEncode) return;
    clearTimeout(this.#timer);
    this.#busy = true;
    try {
      const device = await this.#find();
      if (device !== undefined) await this.#openDevice(device);
    } catch (error) {
      this.#context.devices.release(this.source.id);
      this.#again(troubleOf(error, this.source.kind, this.#device));
    } finally {
      this.#busy = false;
    }
  }

  /** @returns null if none is needed, undefined if none is available now. */
  async #find(): Promise<Device | null | undefined> {
    const { source } = this;
    if (source.kind === 'screen' || source.driver === 'simulated') return null;
    // After a failure the list may be outdated.
    if (this.#tries > 0) await this.#context.devices.refresh();
    const choice = this.#context.devices.take(source.id);
    if (choice.kind === 'device') return choice.device;
    if (choice.kind === 'choosing') this.#set(choosing(source, choice.candidates));
    else this.#again(notThere(source, choice.takenBy), 'searching');
    return undefined;
  }

  async #openDevice(device: Device | null): Promise<void> {
    const { source } = this;
    this.#device = device?.label ?? this.#device;
    if (this.#tries === 0) this.#set({ state: 'opening', message: '', nextStep: '', code: '' });
    const open = await openMedia(source, device, this.#context.chooseScreen);
    if (this.#stopped) return open.stop();
    this.#open = open;
    this.#device = open.device;
    this.#instance += 1;
    this.#ledger = new FrameLedger();
    this.unseen = 0;
    const at = { source: source.id, instance: this.#instance };
    // Ended by the system, not by us: the worker only sees that frames stop.
    open.track.onended = () => {
      if (at.instance === this.#instance) this.#fail(lost(source.kind, this.#device), this.#context.nowNs());
    };
    const { worker, microphoneDriftPpm } = this.#context;
    readInWorker(worker, source, open.track, this.#instance, microphoneDriftPpm[source.id]);
  }

  #declare(): void {
    if (!this.#config || !this.#open) return;
    const { config, facts } = this.#config;
    const { simulated, track } = this.#open;
    const more = { simulated, settings: settingsFacts(track), device: this.#device, facts };
    this.#stream = this.#context.publisher.declare(declarationOf(this.source, config, more));
  }

  #fail(trouble: Trouble, fromNs: number): void {
    if (!this.#open) return;
    this.#shut();
    this.#gap.begin(this.#stream, fromNs, trouble.cause);
    this.#context.publisher.event('warn', trouble.code, `${this.source.id}: ${trouble.message}`);
    this.#again(trouble, trouble.cause === 'frozen' ? 'silent' : 'error');
  }

  #giveUp(detail: string): void {
    const trouble = cannotEncode(this.source.kind, this.#device, detail);
    this.#shut();
    this.#cannotEncode = detail;
    this.#context.publisher.event('error', trouble.code, `${this.source.id}: ${trouble.message}`);
    this.#gap.begin(this.#stream, this.#context.nowNs(), trouble.cause);
    this.#set({ state: 'error', message: trouble.message, nextStep: trouble.nextStep, code: trouble.code });
  }

  #again(trouble: Trouble, state: 'searching' | 'silent' | 'error' = 'error'): void {
    if (this.#stopped) return;
    this.#set({ state, message: trouble.message, nextStep: trouble.nextStep, code: trouble.code });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#attempt(), retryDelayMs(this.#tries));
    this.#tries += 1;
  }

  #shut(): void {
    const open = this.#open;
    this.#open = null;
    this.#context.worker.post({ type: 'close', source: this.source.id, instance: this.#instance });
    this.#instance += 1;
    if (open) {
      open.track.onended = null;
      open.stop();
    }
    this.#context.devices.release(this.source.id);
  }

  #set(state: StateWords): void {
    const same =
      this.#state.state === state.state && this.#state.code === state.code && this.#state.message === state.message;
    this.#state = state;
    if (!same) this.report();
  }
}
