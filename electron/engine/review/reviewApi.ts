/** Requests of the engine to the thread that reads sessions, and the answers. */
import type { z } from 'zod';
import type { ErrorReport } from '../../common/errors.ts';
import type {
  PacketIndex,
  Plot,
  ReviewSamples,
  ReviewSession,
  reviewInputs,
  SessionEntry,
  Trashed,
  ValuesAt,
} from '../../common/review.ts';
import type { Busy } from './library.ts';

type Input<N extends keyof typeof reviewInputs> = z.output<(typeof reviewInputs)[N]>;

/** By name: one function each. */
export interface ReviewWork {
  list(input: Input<'list'> & { busy: Busy }): SessionEntry[];
  open(input: Input<'open'> & { busy: Busy }): SessionEntry;
  /** The folder of a key. */
  folder(input: Input<'session'>): string;
  /** A verification has ended: the session's information is read again. */
  verified(input: Input<'session'>): void;
  /** @returns its id in the trash */
  delete(input: Input<'delete'> & { busy: Busy }): string;
  trash(input: object): Trashed[];
  restore(input: Input<'restore'>): string;
  emptyTrash(input: object): number;
  describe(input: Input<'describe'>): void;
  /** The timing report's HTML. */
  report(input: Input<'session'>): string;
  session(input: Input<'session'> & { live: boolean }): ReviewSession;
  packets(input: Input<'packets'>): PacketIndex;
  plot(input: Input<'plot'>): Plot;
  samples(input: Input<'samples'>): ReviewSamples;
  valuesAt(input: Input<'valuesAt'>): ValuesAt;
  addMarker(input: Input<'addMarker'>): number;
  correctMarker(input: Input<'correctMarker'>): void;
}

export interface ReviewRequest {
  request: number;
  name: keyof ReviewWork;
  input: unknown;
}

export type ReviewAnswer = { request: number } & ({ value: unknown } | { error: ErrorReport });
