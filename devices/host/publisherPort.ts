/** The part of `Publisher` that the host uses, so that tests can inspect what is published. */
import type { SourceState } from '../../electron/common/ingest.ts';
import type { Stream } from '../../electron/common/stream.ts';
import type { Column } from '../../electron/common/wire.ts';

export interface SampleOut {
  samples(
    publisherNs: Float64Array,
    deviceTime: Float64Array | null,
    columns: readonly Column[],
    earlyUs: Uint32Array | null,
  ): boolean;
  gap(fromNs: number, toNs: number | null, cause: string, lost: number | null, detail?: string): void;
}

export interface PublisherPort {
  declare(stream: Stream): SampleOut;
  /** The source was removed from the kit: later sessions do not have its streams. */
  withdraw?(source: string): void;
  report(state: SourceState): void;
  event(level: 'info' | 'warn' | 'error', code: string, message: string): void;
  mayPublish(source: string): boolean;
}

/** A runner's messages for the host's log, one line each. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  facts?: Record<string, unknown>,
) => void;
