import { describe, expect, it } from 'vitest';
import { GapTracker } from './gapTracker.ts';

const message = (fromNs: number, toNs: number | null, cause: string, lost: number | null = null) => ({
  fromNs,
  toNs,
  cause,
  lost,
  detail: '',
});

describe('a loss is recorded once', () => {
  it('keeps a hole without an explanation', () => {
    const book = new GapTracker(1);
    book.hole(1, 1, 100, 200, 3);
    expect(book.takeDirty()).toMatchObject([{ cause: 'lost', missingSeqs: 3, fromNs: 100, toNs: 200 }]);
    expect(book.figures(1)).toEqual({ gaps: 1, missing: 3 });
  });

  it.each([
    ['before', true],
    ['after', false],
  ])('takes the cause from a message that comes %s the hole', (_, first) => {
    const book = new GapTracker(1);
    if (first) book.declared(1, 1, message(110, 190, 'queue-full', 3));
    book.hole(1, 1, 100, 200, 3);
    if (!first) book.declared(1, 1, message(110, 190, 'queue-full', 3));
    expect(book.takeDirty()).toMatchObject([{ cause: 'queue-full', lost: 3, missingSeqs: 3 }]);
    expect(book.figures(1)).toEqual({ gaps: 1, missing: 3 });
  });

  it('counts two holes under one message once', () => {
    const book = new GapTracker(1);
    book.hole(1, 1, 100, 200, 3);
    book.hole(1, 1, 300, 400, 2);
    book.declared(1, 1, message(100, 400, 'queue-full', 5));
    expect(book.figures(1).missing).toBe(5);
  });

  it('keeps a gap with another cause that began at the same sample', () => {
    const book = new GapTracker(1);
    book.declared(1, 1, message(100, 200, 'bad-line', 60));
    book.declared(1, 1, message(100, null, 'silent'));
    book.declared(1, 1, message(100, 900, 'silent'));
    expect(book.takeDirty()).toMatchObject([
      { cause: 'bad-line', toNs: 200, lost: 60 },
      { cause: 'silent', toNs: 900, lost: null },
    ]);
    expect(book.figures(1)).toEqual({ gaps: 2, missing: 60 });
  });

  it('never shrinks a gap that is reported again', () => {
    const book = new GapTracker(1);
    book.declared(1, 1, message(100, 200, 'bad-line', 8));
    book.declared(1, 1, message(100, 300, 'bad-line', 60));
    book.declared(1, 1, message(100, 200, 'bad-line', 8));
    expect(book.takeDirty()).toMatchObject([{ toNs: 300, lost: 60 }]);
    expect(book.figures(1)).toEqual({ gaps: 1, missing: 60 });
  });

  it('keeps gaps apart that do not overlap or have other clocks or streams', () => {
    const book = new GapTracker(1);
    book.declared(1, 1, message(0, 50, 'paused', 7));
    book.hole(1, 1, 100, 200, 3);
    book.hole(1, 2, 10, 20, 1);
    book.hole(2, 1, 10, 20, 1);
    expect(book.figures(1)).toEqual({ gaps: 3, missing: 11 });
    expect(book.figures(2)).toEqual({ gaps: 1, missing: 1 });
  });

  it('ends an open gap with a second message, and ignores a third that repeats it', () => {
    const book = new GapTracker(1);
    book.declared(1, 1, message(100, null, 'device-lost'));
    book.declared(1, 1, message(100, 900, 'device-lost', 24));
    book.declared(1, 1, message(100, 900, 'device-lost', 24));
    expect(book.takeDirty()).toMatchObject([{ fromNs: 100, toNs: 900, toClock: 1, lost: 24 }]);
    expect(book.figures(1)).toEqual({ gaps: 1, missing: 24 });
  });

  it('records a change of publisher once, even when the engine reports it too', () => {
    for (const engineFirst of [true, false]) {
      const book = new GapTracker(1);
      const told = message(4_000, 5_000, 'publisher-restarted');
      if (engineFirst) book.declared(1, 2, told);
      book.handover(1, { clock: 1, ns: 900 }, { clock: 2, ns: 5_000 }, 2);
      if (!engineFirst) book.declared(1, 2, told);
      expect(book.figures(1)).toEqual({ gaps: 1, missing: 2 });
      expect(book.takeDirty()).toMatchObject([{ clock: 1, fromNs: 900, toClock: 2, toNs: 5_000 }]);
    }
  });

  it('does not treat half a line at the start of a new process as the cause of the whole gap', () => {
    const book = new GapTracker(1);
    book.declared(1, 2, message(4_990, 5_000, 'partial-first-line'));
    book.handover(1, { clock: 1, ns: 900 }, { clock: 2, ns: 5_000 }, 0);
    expect(book.takeDirty()).toMatchObject([
      { cause: 'partial-first-line', fromNs: 4_990 },
      { cause: 'publisher-restarted', clock: 1, fromNs: 900, toClock: 2, toNs: 5_000 },
    ]);
  });
});
