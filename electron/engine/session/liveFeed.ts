import type { SampleStream } from '../../common/stream.ts';
import { decodeSamples } from '../../common/wire.ts';

/** Faster streams are thinned for display and data tracks; the recording contains all samples. */
const MAX_ROWS_PER_BATCH = 50;

type Row = (number | string | null)[];

/**
 * Copies of sample batches for the live plane and for plots. Damaged batches are skipped here; the store reports them.
 */
export class LiveFeed {
  readonly #onSamples: (stream: string, rows: Row[]) => void;
  #watched = false;

  constructor(onSamples: (stream: string, rows: Row[]) => void) {
    this.#onSamples = onSamples;
  }

  setWatched(watched: boolean): void {
    this.#watched = watched;
  }

  /** @returns the received samples, oldest first */
  offer(stream: SampleStream, bytes: Uint8Array, toSeconds: (publisherNs: number) => number): readonly Row[] {
    const rows = rowsOf(stream, bytes, toSeconds);
    if (rows.length === 0) return rows;
    if (this.#watched) this.#onSamples(stream.id, rows);
    return rows;
  }
}

function rowsOf(stream: SampleStream, bytes: Uint8Array, toSeconds: (publisherNs: number) => number): Row[] {
  try {
    const batch = decodeSamples(bytes, stream.channels);
    const count = batch.publisherNs.length;
    const step = Math.ceil(count / MAX_ROWS_PER_BATCH);
    const rows: Row[] = [];
    for (let i = step - 1; i < count; i += step) {
      rows.push([toSeconds(batch.publisherNs[i] as number), ...batch.columns.map((column) => present(column[i]))]);
    }
    return rows;
  } catch {
    return [];
  }
}

const present = (value: number | string | null | undefined): number | string | null =>
  value === undefined || (typeof value === 'number' && !Number.isFinite(value)) ? null : value;
