/**
 * Detects a frozen publisher during a recording: its connection is open, but nothing arrives, not even the answer to a
 * clock probe. A sensor may be idle; a process must answer.
 */
import type { ApplianceState } from '../../common/applianceState.ts';
import type { IngestConnection } from '../door/ingestConnection.ts';
import type { Recorder } from './recorder.ts';

const LOOK_MS = 250;
/** Probe a publisher silent for this long. */
const ASK_MS = 900;
/** A publisher that has not answered by then is frozen; this is shown within two seconds. */
const SILENT_MS = 1700;

export class SilentPublishers {
  readonly #recorder: Pick<Recorder, 'connections' | 'session'>;
  readonly #onChange: () => void;
  #timer: NodeJS.Timeout | null = null;
  #silent: readonly { publisher: string; title: string }[] = [];
  #lookedMs = 0;

  constructor(recorder: Pick<Recorder, 'connections' | 'session'>, onChange: () => void) {
    this.#recorder = recorder;
    this.#onChange = onChange;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#look(performance.now()), LOOK_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  get notices(): ApplianceState['notices'] {
    return this.#silent.map(({ title }) => ({
      level: 'warn',
      code: 'publisher.silent',
      message: `The ${title} does not answer: it is overloaded or frozen.`,
      nextStep: 'Data that it cannot deliver is recorded as a gap. Check its sources.',
    }));
  }

  #look(nowMs: number): void {
    // If this timer fired late, messages are still queued; skip.
    const late = nowMs - this.#lookedMs > 2 * LOOK_MS;
    this.#lookedMs = nowMs;
    if (late) return;
    const recording = this.#recorder.session?.state === 'recording';
    const silent = recording ? [...this.#recorder.connections].filter((one) => this.#isSilent(one, nowMs)) : [];
    const named = silent.map(({ publisher, kind }) => ({ publisher, title: kind.title }));
    if (namesOf(named) === namesOf(this.#silent)) return;
    this.#silent = named;
    this.#onChange();
  }

  #isSilent(connection: IngestConnection, nowMs: number): boolean {
    const forMs = nowMs - connection.heardMs;
    // Reading from this publisher is paused because the disk is behind, so its answers cannot arrive.
    if (connection.held) return false;
    if (forMs > ASK_MS) void connection.clock.wave();
    return forMs > SILENT_MS;
  }
}

const namesOf = (silent: readonly { publisher: string }[]): string => silent.map(({ publisher }) => publisher).join();
