/** The door's review service: which sessions are busy, verifications in progress, and the reading thread. */
import { fieldroomError, reportOf } from '../../common/errors.ts';
import type { ReviewState, SessionEntry, Verdict } from '../../common/review.ts';
import type { Log } from '../log/engineLog.ts';
import type { Recorder } from '../session/recorder.ts';
import type { Sealer } from '../session/sealer.ts';
import type { Busy } from './library.ts';
import { writeVerified } from './receipts.ts';
import { ReviewClient } from './reviewClient.ts';
import { faultsFound } from './sessionEntry.ts';
import { verifyInWorker } from './verifyClient.ts';

export interface ReviewServiceOptions {
  dataFolder: string;
  recorder: Recorder;
  sealer: Sealer;
  log: Log;
}

interface Verifying {
  fraction: number;
  done: Promise<Verdict>;
}

export class ReviewService {
  readonly client: ReviewClient;
  readonly #options: ReviewServiceOptions;
  readonly #verifying = new Map<string, Verifying>();
  /** Verdicts on sessions whose disk is read-only; kept while this recorder runs. */
  readonly #verdicts = new Map<string, Verdict>();

  constructor(options: ReviewServiceOptions) {
    this.#options = options;
    this.client = new ReviewClient(options.dataFolder);
  }

  /** The recorder's current activity, by session folder. */
  get busy(): Busy {
    const { recorder, sealer } = this.#options;
    const busy: Record<string, ReviewState> = {};
    for (const { folder } of sealer.active) busy[folder] = 'sealing';
    const session = recorder.session;
    // A newly created session is about to record, an ending one is about to be sealed.
    if (session)
      busy[session.folder] = session.state === 'paused' || session.state === 'sealing' ? session.state : 'recording';
    return busy;
  }

  async list(search: string): Promise<SessionEntry[]> {
    return (await this.client.ask('list', { search, busy: this.busy })).map((entry) => this.#withVerdict(entry));
  }

  async open(folder: string): Promise<SessionEntry> {
    return this.#withVerdict(await this.client.ask('open', { folder, busy: this.busy }));
  }

  async isLive(key: string): Promise<boolean> {
    return (await this.client.ask('folder', { key })) in this.busy;
  }

  /** Reads a session from end to end; a second request waits for the first. @throws FieldroomError `review.busy`, `review.unknown` */
  async verify(key: string): Promise<Verdict> {
    const folder = await this.atRest(key);
    const running = this.#verifying.get(key);
    if (running) return running.done;
    const job: Verifying = {
      fraction: 0,
      done: this.#verify(key, folder, (fraction) => {
        job.fraction = fraction;
      }),
    };
    this.#verifying.set(key, job);
    return job.done.finally(() => this.#verifying.delete(key));
  }

  /** The folder of a session that is not being written. @throws FieldroomError `review.busy`, `review.unknown` */
  async atRest(key: string): Promise<string> {
    const folder = await this.client.ask('folder', { key });
    if (!(folder in this.busy)) return folder;
    throw fieldroomError('review.busy');
  }

  async delete(key: string, typedName: string): Promise<string> {
    if (this.#verifying.has(key)) throw fieldroomError('review.busy:verifying');
    const id = await this.client.ask('delete', { key, typedName, busy: this.busy });
    this.#options.log('warn', 'review.deleted', `A session was moved to the trash as ${id}.`);
    return id;
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  async #verify(key: string, folder: string, onProgress: (fraction: number) => void): Promise<Verdict> {
    const { log } = this.#options;
    try {
      const { sealed, verdict } = await verifyInWorker(folder, onProgress);
      if (!sealed || !writeVerified(folder, verdict)) this.#verdicts.set(key, verdict);
      log(verdict.ok ? 'info' : 'error', 'review.verified', `${folder}: ${verdict.total} findings.`);
      return verdict;
    } catch (error) {
      log('error', reportOf(error).code, reportOf(error).message);
      throw error;
    } finally {
      await this.client.ask('verified', { key }).catch(() => undefined);
    }
  }

  #withVerdict(entry: SessionEntry): SessionEntry {
    const verifying = this.#verifying.get(entry.key)?.fraction ?? null;
    const verdict = this.#verdicts.get(entry.key);
    if (!verdict || entry.state !== 'sealed') return { ...entry, verifying };
    if (verdict.ok) return { ...entry, verifying, state: 'verified' };
    const trouble = faultsFound(verdict.total, verdict.findings[0]?.message ?? '');
    return { ...entry, verifying, state: 'damaged', trouble };
  }
}
