/**
 * Sees that a publisher stands still while a session records: its connection is open, and nothing comes through it, not
 * even the answer to a probe of its clock. A sensor may rest, a process may not.
 */
import type { ApplianceState } from '../../common/applianceState.ts';
import type { IngestConnection } from '../door/ingestConnection.ts';
import type { Recorder } from './recorder.ts';

const LOOK_MS = 250;
/** One that says nothing for so long is asked for something. */
const ASK_MS = 900;
/** One that has not answered by then stands still; people are told within two seconds. */
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
      nextStep: 'What it cannot deliver is recorded as a gap. Check its sources.',
    }));
  }

  #look(nowMs: number): void {
    // Whoever comes late itself has not heard what waits for it yet.
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
    // One whose data are not read, because the disk is behind, cannot be heard.
    if (connection.held) return false;
    if (forMs > ASK_MS) void connection.clock.wave();
    return forMs > SILENT_MS;
  }
}

const namesOf = (silent: readonly { publisher: string }[]): string => silent.map(({ publisher }) => publisher).join();
