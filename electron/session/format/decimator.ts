/** Buckets of min, max and mean for plots, computed as samples arrive: each bucket combines four of the level below. */
export const LEVELS = [32, 128, 512, 2048, 8192, 32_768] as const;

export interface Bucket {
  level: number;
  firstSeq: number;
  lastSeq: number;
  clock: number;
  fromNs: number;
  toNs: number;
  /** Samples in it; fewer than the level's size if some are missing. */
  rows: number;
  /** By numeric channel; NaN if the bucket contains no value of it. */
  min: Float64Array;
  max: Float64Array;
  /** Of the values times `SUM_SCALE`. */
  sum: Float64Array;
  values: Float64Array;
}

/** A power of two, so exact: the sum of a bucket's values stays finite, however large they are. */
const SUM_SCALE = 2 ** -16;

/** The mean of a channel's values in a bucket; NaN where it has none. */
export const meanOf = ({ sum, values }: Bucket, channel: number): number =>
  (sum[channel] as number) / (values[channel] as number) / SUM_SCALE;

/** A run of samples with one clock, numeric channels only. */
export interface Run {
  firstSeq: number;
  clock: number;
  count: number;
  publisherNs: Float64Array;
  numeric: readonly Float64Array[];
}

export class Decimator {
  readonly #channels: number;
  readonly #open: (Bucket | null)[] = LEVELS.map(() => null);
  readonly #emit: (bucket: Bucket) => void;

  constructor(channels: number, emit: (bucket: Bucket) => void) {
    this.#channels = channels;
    this.#emit = emit;
  }

  /** The first raw row to read in order to continue at `nextSeq` after a restart. */
  static restartSeq(nextSeq: number): number {
    return Math.floor(nextSeq / (LEVELS.at(-1) as number)) * (LEVELS.at(-1) as number);
  }

  push(run: Run): void {
    const size = LEVELS[0];
    for (let i = 0; i < run.count; ) {
      const seq = run.firstSeq + i;
      const take = Math.min(run.count - i, size - (seq % size));
      this.#add(run, i, take);
      i += take;
    }
  }

  #add(run: Run, at: number, take: number): void {
    const firstSeq = run.firstSeq + at;
    const bucket = this.#bucketFor(0, firstSeq, run.clock);
    const { publisherNs } = run;
    for (let i = at; i < at + take; i += 1) {
      const ns = publisherNs[i] as number;
      if (ns < bucket.fromNs) bucket.fromNs = ns;
      if (ns > bucket.toNs) bucket.toNs = ns;
    }
    bucket.lastSeq = firstSeq + take - 1;
    bucket.rows += take;
    for (let c = 0; c < this.#channels; c += 1) {
      const column = run.numeric[c] as Float64Array;
      let min = bucket.min[c] as number;
      let max = bucket.max[c] as number;
      let sum = 0;
      let values = 0;
      for (let i = at; i < at + take; i += 1) {
        const value = column[i] as number;
        if (Number.isNaN(value)) continue;
        if (!(value >= min)) min = value;
        if (!(value <= max)) max = value;
        sum += value * SUM_SCALE;
        values += 1;
      }
      bucket.min[c] = min;
      bucket.max[c] = max;
      bucket.sum[c] = (bucket.sum[c] as number) + sum;
      bucket.values[c] = (bucket.values[c] as number) + values;
    }
    if ((bucket.lastSeq + 1) % LEVELS[0] === 0) this.#close(0);
  }

  #bucketFor(index: number, seq: number, clock: number): Bucket {
    const size = LEVELS[index] as number;
    const open = this.#open[index];
    if (open && open.clock === clock && Math.floor(open.firstSeq / size) === Math.floor(seq / size)) return open;
    if (open) this.#close(index);
    const column = (value: number): Float64Array => new Float64Array(this.#channels).fill(value);
    const bucket: Bucket = {
      level: size,
      firstSeq: seq,
      lastSeq: seq,
      clock,
      fromNs: Infinity,
      toNs: -Infinity,
      rows: 0,
      min: column(Number.NaN),
      max: column(Number.NaN),
      sum: column(0),
      values: column(0),
    };
    this.#open[index] = bucket;
    return bucket;
  }

  #close(index: number): void {
    const bucket = this.#open[index];
    if (!bucket) return;
    this.#open[index] = null;
    this.#emit(bucket);
    const above = LEVELS[index + 1];
    if (above === undefined) return;
    const parent = this.#bucketFor(index + 1, bucket.firstSeq, bucket.clock);
    parent.lastSeq = bucket.lastSeq;
    parent.fromNs = Math.min(parent.fromNs, bucket.fromNs);
    parent.toNs = Math.max(parent.toNs, bucket.toNs);
    parent.rows += bucket.rows;
    for (let c = 0; c < this.#channels; c += 1) {
      if (!((bucket.min[c] as number) >= (parent.min[c] as number)))
        parent.min[c] = pick(bucket.min[c] as number, parent.min[c] as number);
      if (!((bucket.max[c] as number) <= (parent.max[c] as number)))
        parent.max[c] = pick(bucket.max[c] as number, parent.max[c] as number);
      parent.sum[c] = (parent.sum[c] as number) + (bucket.sum[c] as number);
      parent.values[c] = (parent.values[c] as number) + (bucket.values[c] as number);
    }
    if ((bucket.lastSeq + 1) % above === 0) this.#close(index + 1);
  }
}

/** The new value, unless it is NaN. */
const pick = (value: number, before: number): number => (Number.isNaN(value) ? before : value);
