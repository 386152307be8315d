/**
 * The gaps of a session. A loss is known from two sources: a hole in the sequence numbers, which the store detects, and
 * a gap message, which gives the cause. Where they overlap they are one loss: the message gives cause and time, the
 * larger of the two figures counts, and it counts once.
 */
import { type Gap, HOLE } from '../../session/format/rows.ts';

const RESTARTED = 'publisher-restarted';
const RECENT = 64;

export class GapTracker {
  readonly #recent = new Map<number, Gap[]>();
  readonly #dirty = new Map<number, Gap>();
  readonly #figures = new Map<number, { gaps: number; missing: number }>();
  #nextId: number;

  constructor(nextId: number) {
    this.#nextId = nextId;
  }

  /** Gaps of a stream stored by an earlier run of the engine, oldest first. */
  restore(stream: number, gaps: Gap[], figures: { gaps: number; missing: number }): void {
    this.#recent.set(stream, gaps.slice(-RECENT));
    this.#figures.set(stream, { ...figures });
  }

  figures(stream: number): { gaps: number; missing: number } {
    const known = this.#figures.get(stream);
    if (known) return known;
    const fresh = { gaps: 0, missing: 0 };
    this.#figures.set(stream, fresh);
    return fresh;
  }

  /** A hole of `count` sequence numbers between two publisher times; `cause` if the store knows it. */
  hole(stream: number, clock: number, fromNs: number, toNs: number, count: number, cause = HOLE, detail = ''): void {
    const told = this.#of(stream).findLast((g) => g.cause !== HOLE && overlaps(g, clock, fromNs, toNs));
    if (told) this.#change(told, { missingSeqs: told.missingSeqs + count });
    else this.#add({ stream, clock, fromNs, toClock: clock, toNs, cause, lost: null, missingSeqs: count, detail });
  }

  /** The stream continues from another publisher process. */
  handover(
    stream: number,
    from: { clock: number; ns: number },
    to: { clock: number; ns: number },
    missing: number,
  ): void {
    const gaps = this.#of(stream);
    // An open gap lasts until the first new data; a gap that reports this change is the same gap. Other gaps that the
    // new process reports at its start (half a line) are separate, and not the cause of this loss.
    const open =
      gaps.findLast((g) => g.toNs === null && g.clock === from.clock) ??
      gaps.findLast((g) => g.cause === RESTARTED && g.toClock === to.clock && g.toNs === to.ns);
    const begins = open?.cause === RESTARTED ? { clock: from.clock, fromNs: from.ns } : {};
    if (open)
      this.#change(open, { ...begins, toClock: to.clock, toNs: to.ns, missingSeqs: open.missingSeqs + missing });
    else {
      this.#add({
        stream,
        clock: from.clock,
        fromNs: from.ns,
        toClock: to.clock,
        toNs: to.ns,
        cause: RESTARTED,
        lost: null,
        missingSeqs: missing,
        detail: 'Another publisher process continues this stream.',
      });
    }
  }

  /** A gap message. If it has the `fromNs` of an earlier gap, it replaces that gap; open gaps are ended this way. */
  declared(
    stream: number,
    clock: number,
    message: { fromNs: number; toNs: number | null; cause: string; lost: number | null; detail: string },
  ): void {
    const { fromNs, toNs, cause, lost, detail } = message;
    const told = { fromNs, toNs, toClock: toNs === null ? null : clock, cause, lost, detail };
    const gaps = this.#of(stream);
    if (gaps.some((g) => g.cause === cause && g.clock !== clock && g.toClock === clock && g.toNs === toNs)) return;
    // Two causes may begin at the same last sample: only its own cause ends or extends a gap.
    const same = gaps.findLast(
      (g) => g.cause === cause && g.cause !== HOLE && g.clock === clock && g.fromNs === fromNs,
    );
    if (same) {
      // Repeated or partial messages: the known loss never decreases.
      if (same.lost !== null) told.lost = Math.max(same.lost, lost ?? 0);
      if (same.toNs !== null && toNs !== null && same.toClock === clock) told.toNs = Math.max(same.toNs, toNs);
    }
    const holes = this.#of(stream).filter((g) => g.cause === HOLE && overlaps(g, clock, fromNs, toNs));
    const [first] = holes;
    const target = same ?? first;
    if (!target) {
      this.#add({ stream, clock, ...told, missingSeqs: 0 });
      return;
    }
    const others = holes.filter((hole) => hole !== target);
    this.#change(target, {
      ...told,
      missingSeqs: target.missingSeqs + others.reduce((sum, hole) => sum + hole.missingSeqs, 0),
    });
    // A hole covered by the message is not a separate gap; its row says so and counts nothing.
    for (const hole of others) this.#change(hole, { cause, missingSeqs: 0, detail: 'Counted in the overlapping gap.' });
  }

  takeDirty(): Gap[] {
    return [...this.#dirty.values()];
  }

  committed(): void {
    this.#dirty.clear();
  }

  #of(stream: number): Gap[] {
    const known = this.#recent.get(stream);
    if (known) return known;
    const fresh: Gap[] = [];
    this.#recent.set(stream, fresh);
    return fresh;
  }

  #add(gap: Omit<Gap, 'id'>): void {
    const added: Gap = { id: this.#nextId, ...gap };
    this.#nextId += 1;
    const gaps = this.#of(gap.stream);
    gaps.push(added);
    // Open gaps stay: their end is still to come.
    if (gaps.length > RECENT)
      gaps.splice(
        Math.max(
          0,
          gaps.findIndex((g) => g.toNs !== null),
        ),
        1,
      );
    const figures = this.figures(gap.stream);
    figures.gaps += 1;
    figures.missing += missingOf(added);
    this.#dirty.set(added.id, added);
  }

  #change(gap: Gap, change: Partial<Gap>): void {
    const before = missingOf(gap);
    Object.assign(gap, change);
    this.figures(gap.stream).missing += missingOf(gap) - before;
    this.#dirty.set(gap.id, gap);
  }
}

export const missingOf = (gap: { lost: number | null; missingSeqs: number }): number =>
  Math.max(gap.lost ?? 0, gap.missingSeqs);

function overlaps(gap: Gap, clock: number, fromNs: number, toNs: number | null): boolean {
  return (
    gap.clock === clock &&
    gap.fromNs <= (toNs ?? Infinity) &&
    (gap.toNs === null || gap.toClock !== clock || gap.toNs >= fromNs)
  );
}
