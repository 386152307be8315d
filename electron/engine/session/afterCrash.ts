/**
 * Choices for a session that continued after a crash: end it as it was at the crash (done some seconds later, so that
 * it can be undone while nothing is lost yet), or continue for good. Without an answer, recording continues.
 */
import type { AfterCrash } from '../../common/applianceState.ts';
import { fieldroomError, reportOf } from '../../common/errors.ts';
import type { Kit } from '../../common/kit.ts';
import type { SessionMeta } from '../../session/format/rows.ts';
import { decideCut, dropKept } from '../../session/repair/crashCut.ts';
import type { Log } from '../log/engineLog.ts';

export interface CutShort {
  meta: SessionMeta;
  folder: string;
  kit: Kit;
  paused: boolean;
  /** Who used which source at the crash. */
  assigned: ReadonlyMap<string, string | null>;
  /** Its state at the crash was saved, so it can still be ended there. */
  mayEnd: boolean;
}

/** Long enough to notice a mistake and undo it. */
export const UNDO_MS = 10_000;

export class AfterCrashChoice {
  readonly #folder: string;
  readonly #resumedAtMs = Date.now();
  readonly #end: () => void;
  #mayEnd: boolean;
  #endsAtMs: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @param end stops the session; called when ending at the crash was not undone */
  constructor(folder: string, mayEnd: boolean, end: () => void) {
    this.#folder = folder;
    this.#mayEnd = mayEnd;
    this.#end = end;
  }

  get state(): AfterCrash {
    return {
      resumedAtMs: this.#resumedAtMs,
      mayEndThere: this.#mayEnd,
      endsInMs: this.#endsAtMs === null ? null : Math.max(0, this.#endsAtMs - performance.now()),
    };
  }

  /** @throws FieldroomError `session.cannot-end-there` when the index could not be saved at the crash */
  endThere(): void {
    if (!this.#mayEnd) throw fieldroomError('session.cannot-end-there');
    if (this.#endsAtMs !== null) return;
    this.#endsAtMs = performance.now() + UNDO_MS;
    this.#timer = setTimeout(this.#end, UNDO_MS);
  }

  undo(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#endsAtMs = null;
  }

  /** Continues for good: the saved state is deleted. */
  goOn(): void {
    this.undo();
    this.#mayEnd = false;
    dropKept(this.#folder);
  }

  /**
   * The session was closed: carries out the decision. If the disk cannot store the decision, the session stays
   * complete, with all data since the crash.
   */
  closed(log: Log): void {
    try {
      if (this.#endsAtMs !== null) decideCut(this.#folder);
    } catch (error) {
      const { code, message } = reportOf(error);
      log('error', code, `The session could not be ended at the crash: ${message}`);
    }
    this.undo();
  }
}

export type CrashAnswer = 'end-there' | 'undo' | 'go-on';

/** @returns the choices that remain. @throws FieldroomError `session.not-resumed`, `session.cannot-end-there` */
export function answerCrash(crash: AfterCrashChoice | null, answer: CrashAnswer): AfterCrashChoice | null {
  if (!crash) throw fieldroomError('session.not-resumed');
  if (answer === 'end-there') crash.endThere();
  else if (answer === 'undo') crash.undo();
  else {
    crash.goOn();
    return null;
  }
  return crash;
}
