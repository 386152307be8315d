/**
 * Messages between the engine and the uploader, one JSON line each over the child's pipes. Keys are sent only here:
 * never in a command line, an environment or a file.
 *
 *   engine ── start, plan, keys, recording, scan, ask ─▶ uploader (stdin; its end ends the uploader)
 *   uploader ── answer, needs, log ─▶ engine (stdout)
 */
import type { ErrorReport } from '../../common/errors.ts';
import type {
  AcceptedRisk,
  DestinationTestStep,
  UploadEntry,
  UploadFile,
  UploadNeeds,
  UploadPlan,
  UploadsState,
} from '../../common/uploads.ts';
import type { DestinationKeys } from './destination.ts';

/** Retry settings; tests use other values. */
export interface UploaderPace {
  /** How long one attempt continues without anything getting through. */
  deadlineMs?: number;
  /** The first delay within an attempt; it doubles. */
  firstPauseMs?: number;
  /** The first delay between attempts; it doubles. */
  backOffMs?: number;
  /** A recording longer than this ends the current run, which resumes after it. */
  holdMs?: number;
}

export type ToUploader =
  | { type: 'start'; dataFolder: string; pace: UploaderPace }
  | { type: 'plan'; plan: UploadPlan }
  | { type: 'keys'; destination: string; keys: DestinationKeys | null }
  | { type: 'recording'; recording: boolean }
  /** A session was sealed or restored from the trash. */
  | { type: 'scan' }
  | { type: 'ask'; request: number; name: keyof UploaderWork; input: unknown };

export type FromUploader =
  | { type: 'answer'; request: number; value: unknown }
  | { type: 'answer'; request: number; error: ErrorReport }
  /** Sent when it changes. */
  | { type: 'needs'; needs: UploadNeeds }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; code: string; message: string };

/** The uploader's functions, by name. */
export interface UploaderWork {
  list(input: object): Pick<UploadsState, 'troubles'> & { uploads: UploadEntry[] };
  files(input: { id: number }): { files: UploadFile[]; total: number };
  pause(input: { id: number }): void;
  resume(input: { id: number }): void;
  order(input: { ids: number[] }): void;
  forget(input: { id: number }): void;
  test(input: { id: string }): Promise<DestinationTestStep[]>;
  /** Checks every file of the session's receipt at the destination. @returns the destination as text */
  prove(input: { folder: string; accept: readonly AcceptedRisk[] }): Promise<{ place: string }>;
  /** The local copy was moved to the trash. */
  freed(input: { study: string; session: string }): void;
}
