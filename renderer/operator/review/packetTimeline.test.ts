import { expect, it } from 'vitest';
import type { PacketIndex } from '../../../electron/common/review.ts';
import { PacketTimeline } from './packetTimeline.ts';

const STEP_NS = 40e6;
const file = (path: string): PacketIndex['files'][number] => ({
  ...{ path, codec: 'avc1.4d001f', description: null, width: 16, height: 16 },
  ...{ sampleRate: null, channels: null, preSkip: 0 },
});

/** A camera of 25 fps with a key picture every 50 that was away between two moments, with a second file after that. */
function camera(endNs: number, away = { fromNs: 0, toNs: 0 }, keyEvery = 50) {
  const asked: number[] = [];
  const book = new PacketTimeline({
    settledNs: () => endNs,
    packets: async (fromNs, toNs) => {
      asked.push(fromNs);
      const seqs = Array.from({ length: Math.floor(endNs / STEP_NS) }, (_, seq) => seq).filter((seq) => {
        const ns = seq * STEP_NS;
        return ns >= fromNs && ns <= toNs && !(ns >= away.fromNs && ns < away.toNs);
      });
      return {
        files: [file('cam/0001.mkv'), file('cam/0002.mkv')],
        seq: seqs,
        ns: seqs.map((seq) => seq * STEP_NS),
        durationNs: seqs.map(() => STEP_NS),
        key: seqs.map((seq) => seq % keyEvery === 0),
        file: seqs.map((seq) => (seq < 1000 ? 0 : 1)),
        offset: seqs.map((seq) => seq * 100),
        length: seqs.map(() => 90),
      };
    },
  });
  return { book, asked };
}

it('finds the picture shown at a moment, and the next one', async () => {
  const { book } = camera(90e9);
  expect((await book.at(30.019e9))?.seq).toBe(750);
  expect((await book.at(30.04e9))?.seq).toBe(751);
  expect((await book.after(30.04e9))?.seq).toBe(752);
  expect((await book.after(19.99e9))?.seq).toBe(500);
  expect(await book.at(-1)).toBeNull();
});

it('looks back past the time in which the camera was away', async () => {
  const { book } = camera(90e9, { fromNs: 15e9, toNs: 70e9 });
  expect((await book.at(69e9))?.ns).toBe(14.96e9);
});

it('returns everything a picture is decoded from and what follows it up to the next key picture, across pages', async () => {
  const { book } = camera(90e9, undefined, 70);
  const packet = await book.at(20.1e9);
  const group = packet ? await book.group(packet) : [];
  expect([group[0]?.seq, group.at(-1)?.seq]).toEqual([490, 559]);
  expect(group[0]?.key).toBe(true);
});

it('keeps a group within its file', async () => {
  const { book } = camera(90e9, undefined, 300);
  const packet = await book.at(39e9);
  const group = packet ? await book.group(packet) : [];
  expect([group[0]?.seq, group.at(-1)?.seq]).toEqual([900, 999]);
});

it('requests a page once, and the growing end of an ongoing session again', async () => {
  const { book, asked } = camera(30e9);
  await book.at(10e9);
  await book.at(11e9);
  expect(asked).toEqual([0]);
  await book.at(29e9);
  await new Promise((done) => setTimeout(done, 450));
  await book.at(29e9);
  expect(asked).toEqual([0, 20e9, 20e9]);
});
