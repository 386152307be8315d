/**
 * Between the engine and the uploader, one JSON line a message over the child's pipes. Keys travel here and nowhere else:
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

/** How patient it is; other values than the usual ones are for tests. */
export interface UploaderPace {
  /** How long one try goes on without anything getting through. */
  deadlineMs?: number;
  /** The first pause within a try; it doubles. */
  firstPauseMs?: number;
  /** The first pause between tries; it doubles. */
  backOffMs?: number;
  /** A recording that lasts longer than this ends the run under way, which goes on behind it. */
  holdMs?: number;
}

export type ToUploader =
  | { type: 'start'; dataFolder: string; pace: UploaderPace }
  | { type: 'plan'; plan: UploadPlan }
  | { type: 'keys'; destination: string; keys: DestinationKeys | null }
  | { type: 'recording'; recording: boolean }
  /** A session was sealed, or came back from the trash. */
  | { type: 'scan' }
  | { type: 'ask'; request: number; name: keyof UploaderWork; input: unknown };

export type FromUploader =
  | { type: 'answer'; request: number; value: unknown }
  | { type: 'answer'; request: number; error: ErrorReport }
  /** Told when it changes. */
  | { type: 'needs'; needs: UploadNeeds }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; code: string; message: string };

/** What the uploader can be asked, by name: one function each. */
export interface UploaderWork {
  list(input: object): Pick<UploadsState, 'troubles'> & { uploads: UploadEntry[] };
  files(input: { id: number }): { files: UploadFile[]; total: number };
  pause(input: { id: number }): void;
  resume(input: { id: number }): void;
  order(input: { ids: number[] }): void;
  forget(input: { id: number }): void;
  test(input: { id: string }): Promise<DestinationTestStep[]>;
  /** Asks a destination for every file of the session's receipt. @returns the destination in words */
  prove(input: { folder: string; accept: readonly AcceptedRisk[] }): Promise<{ place: string }>;
  /** The local copy was moved to the trash. */
  freed(input: { study: string; session: string }): void;
}
