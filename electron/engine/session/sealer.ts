/** Seals closed sessions in the background, one at a time, so that the next session can start immediately. */
import { basename, dirname } from 'node:path';
import type { ApplianceState } from '../../common/applianceState.ts';
import { type FieldroomError, fieldroomError, reportOf } from '../../common/errors.ts';
import type { SessionSummary } from '../../common/sessionSummary.ts';
import { sealInWorker } from '../../session/seal/sealClient.ts';
import type { Log } from '../log/engineLog.ts';
import { summarizeFolder } from './summary.ts';

export interface SealerOptions {
  log: Log;
  onChange: () => void;
  /** A session is sealed: it may be uploaded. */
  onSealed?: (folder: string) => void;
}

interface Job {
  id: string;
  folder: string;
  fraction: number;
  done: Promise<void>;
}

export class Sealer {
  readonly #options: SealerOptions;
  readonly #jobs = new Map<string, Job>();
  /** Folders of sessions sealed since the start, for `whenSealed`. */
  readonly #sealed = new Map<string, string>();
  readonly #failed = new Map<string, FieldroomError>();
  #turn: Promise<void> = Promise.resolve();

  constructor(options: SealerOptions) {
    this.#options = options;
  }

  get active(): ApplianceState['sealing'] {
    return [...this.#jobs.values()].map(({ id, folder, fraction }) => ({ id, folder, fraction }));
  }

  get notices(): ApplianceState['notices'] {
    return [...this.#failed.values()].map(({ code, message, nextStep }) => ({
      level: 'error' as const,
      code,
      message,
      nextStep: nextStep ?? '',
    }));
  }

  seal(folder: string, id = basename(folder)): void {
    if (this.#jobs.has(id)) return;
    const job: Job = { id, folder, fraction: 0, done: this.#turn };
    this.#jobs.set(id, job);
    job.done = this.#turn = this.#turn.then(() => this.#run(job));
    this.#options.onChange();
  }

  /**
   * Resolves with the figures when the session is sealed; null: not a session of this recorder. @throws FieldroomError
   * why it cannot be sealed
   */
  async whenSealed(id: string): Promise<SessionSummary | null> {
    await this.#jobs.get(id)?.done;
    const failed = this.#failed.get(id);
    if (failed) throw failed;
    const folder = this.#sealed.get(id);
    return folder ? summarizeFolder(folder) : null;
  }

  /** Resolves when nothing is being sealed. */
  async settle(): Promise<void> {
    await this.#turn;
  }

  async #run(job: Job): Promise<void> {
    try {
      await sealInWorker(job.folder, ({ doneBytes, totalBytes }) => {
        job.fraction = totalBytes > 0 ? doneBytes / totalBytes : job.fraction;
        this.#options.onChange();
      });
      this.#sealed.set(job.id, job.folder);
      this.#options.onSealed?.(job.folder);
      this.#options.log(
        'info',
        'session.sealed',
        `The session ${job.id} of ${basename(dirname(job.folder))} is sealed.`,
      );
    } catch (cause) {
      const report = reportOf(cause);
      const error = fieldroomError('session.not-sealed', { session: job.id, reason: report.message }, { cause });
      this.#failed.set(job.id, error);
      this.#options.log('error', report.code, error.message);
    } finally {
      this.#jobs.delete(job.id);
      this.#options.onChange();
    }
  }
}
