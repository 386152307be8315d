import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MediaStreamInfo } from '../../common/stream.ts';
import { decodePacket } from '../../common/wire.ts';
import { mkvHeader } from '../../session/matroska/mkvHeader.ts';
import { MediaWriter, type Placed } from './mediaWriter.ts';
import { temporaryFolder, testPacket, videoStream } from './testKit.ts';

let place: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  place = temporaryFolder();
  mkdirSync(place.folder);
});
afterEach(() => place.remove());

const SESSION = { id: 'test', zeroWallNs: 0n };
const KEY_EVERY = 10;
const MOST_BYTES = 100_000;
const PACKET_BYTES = 3000;

it('begins a new file with a key frame before one grows too long, and loses no packet between them', () => {
  let id = 0;
  const stream = videoStream('cam') as MediaStreamInfo;
  const writer = new MediaWriter(place.folder, 1, stream, new Uint8Array(100), () => (id += 1), null, MOST_BYTES);
  const packets = Array.from({ length: 200 }, (_, seq) =>
    decodePacket(testPacket(seq, { key: seq % KEY_EVERY === 0, size: PACKET_BYTES })),
  );
  const placed: Placed[] = [];
  for (const packet of packets)
    placed.push(
      writer.accept(packet, 1, packet.seq * 33e6, (file) => {
        file.sync();
        file.close();
      }),
    );
  writer.file?.sync();
  writer.close();

  const begun = placed.filter(({ fresh }) => fresh).map(({ segment }) => segment);
  expect(begun.length).toBeGreaterThan(4);
  expect(begun.slice(1).every(({ reason, firstSeq }) => reason === 'size' && firstSeq % KEY_EVERY === 0)).toBe(true);
  const files = new Map(begun.map(({ file }) => [file, readFileSync(join(place.folder, ...file.split('/')))]));
  // Packets up to the next key frame still go into the old file.
  for (const bytes of files.values()) expect(bytes.length).toBeLessThan(MOST_BYTES + (KEY_EVERY + 1) * PACKET_BYTES);
  for (const [seq, { segment, offset }] of placed.entries()) {
    const data = packets[seq]?.data ?? new Uint8Array();
    expect(
      files
        .get(segment.file)
        ?.subarray(offset, offset + data.byteLength)
        .equals(data),
    ).toBe(true);
  }
});

it('gives two pictures with the same timestamp different times, as players require', async () => {
  const stream = videoStream('cam') as MediaStreamInfo;
  const writer = new MediaWriter(place.folder, 1, stream, await mkvHeader(stream, SESSION), () => 1, null);
  for (let seq = 0; seq < 4; seq += 1) {
    const packet = decodePacket(testPacket(seq, { key: seq === 0, size: 100 }));
    writer.accept({ ...packet, publisherNs: 1e9, deviceNs: 1e9 }, 1, 5e9, () => undefined);
  }
  const file = join(place.folder, ...(writer.file?.path ?? '').split('/'));
  writer.file?.sync();
  writer.close();
  const input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  const times: number[] = [];
  for await (const { timestamp } of new EncodedPacketSink(track as NonNullable<typeof track>).packets())
    times.push(timestamp);
  input.dispose();
  expect(times).toHaveLength(4);
  for (const [i, time] of times.entries()) if (i > 0) expect(time).toBeGreaterThan(times[i - 1] ?? 0);
});
