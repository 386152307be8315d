import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { EncodedPacketSink, FilePathSource, Input, MATROSKA } from 'mediabunny';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePacket } from '../../common/wire.ts';
import { verifySession } from '../../session/check/verify.ts';
import { openSession, type PacketInfo } from '../../session/read/sessionReader.ts';
import { sealSession } from '../../session/seal/seal.ts';
import { sealInWorker } from '../../session/seal/sealClient.ts';
import { CLOCK, temporaryFolder, testFit, testMeta, testStore } from './testKit.ts';
import { decode, h264, opus, pcm, probe, type TestMedia } from './testMedia.ts';

const SECONDS = 6;
const OFFSET_S = 2;
const WALL_NS = 1_790_000_000_123_000_000n;
const { folder, remove } = temporaryFolder();
const live = join(folder, '..', 'live');
const sealed = join(folder, '..', 'sealed');
let media: TestMedia[];
const file = (root: string, id: string): string => join(root, 'media', id, '0001.mkv');

beforeAll(async () => {
  media = await Promise.all([h264('cam-1', SECONDS), opus('mic-1', SECONDS), pcm('mic-2', SECONDS)]);
  const { store, open, declare } = testStore();
  open(folder, testMeta({ zeroWallNs: WALL_NS }));
  store.handle({ type: 'fit', fit: testFit(BigInt(OFFSET_S) * 1_000_000_000n) });
  for (const { stream } of media) await declare(stream);
  for (const { stream, packets } of media) {
    for (const bytes of packets) store.handle({ type: 'packet', stream: stream.id, clock: CLOCK, bytes });
  }
  store.handle({ type: 'flush', request: 1 });
  cpSync(folder, live, { recursive: true });
  store.handle({ type: 'close', request: 2 });
  cpSync(folder, sealed, { recursive: true });
  await sealInWorker(sealed);
}, 60_000);
afterAll(remove);

const packetsOf = (root: string, id: string): PacketInfo[] => {
  using reader = openSession(root);
  return reader.packets(id, 0n, 1_000_000_000_000n);
};

describe('a file that is still growing', () => {
  it('is read to its last packet by ffprobe, at the session time of its packets', () => {
    for (const { stream, packets } of media) {
      const found = probe(file(live, stream.id));
      expect(found.packets).toHaveLength(packets.length);
      expect(found.title).toBe(`SIMULATED DATA: ${stream.id}`);
      // Audio too: ffprobe subtracts the decoder's delay of 312 samples, which is included in the block's time.
      expect(found.packets[0]?.pts).toBeCloseTo(OFFSET_S, 3);
    }
    expect(media[0]?.keys).toBe(3);
    expect(probe(file(live, 'cam-1')).packets.filter((p) => p.key)).toHaveLength(3);
  });

  it('may be cut anywhere: all packets before the cut are readable', () => {
    const cut = join(folder, '..', 'cut.mkv');
    const packets = packetsOf(live, 'cam-1');
    for (const n of [1, 17, 61, 100]) {
      copyFileSync(file(live, 'cam-1'), cut);
      const { offset, length } = packets[n] as PacketInfo;
      truncateSync(cut, offset + length - 1);
      expect(probe(cut).packets.length).toBeGreaterThanOrEqual(n);
    }
  });
});

describe('a sealed file', () => {
  it('states its frame duration, its date and a unique track id', () => {
    const head = (id: string): { rate: string; uid: string } => {
      const [stream] = JSON.parse(
        execFileSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', file(sealed, id)], {
          encoding: 'utf8',
        }),
      ).streams as { r_frame_rate: string }[];
      const bytes = readFileSync(file(sealed, id));
      const at = bytes.indexOf(Buffer.from('73c5', 'hex'));
      return { rate: stream?.r_frame_rate ?? '', uid: bytes.subarray(at + 3, at + 10).toString('hex') };
    };
    expect(head('cam-1').rate).toBe('30/1');
    const uids = media.map(({ stream }) => head(stream.id).uid);
    expect(new Set(uids).size).toBe(3);
    const { creation_time } = JSON.parse(
      execFileSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_format', file(sealed, 'mic-1')], {
        encoding: 'utf8',
      }),
    ).format.tags as { creation_time: string };
    expect(Date.parse(creation_time)).toBe(Number(WALL_NS / 1_000_000n));
  });

  it('is decoded from the first to the last picture and sample', () => {
    expect(decode(file(sealed, 'cam-1')).frames).toBe(SECONDS * 30);
    const sound = decode(file(sealed, 'mic-1'));
    expect(sound.frames).toBe((media[1] as TestMedia).packets.length * 960 - 312);
    // A packet's time is that of its first decoded sample; at the file's start 312 of them are dropped.
    expect(sound.firstPts).toBeCloseTo(OFFSET_S + 312 / 48_000, 3);
    expect(decode(file(sealed, 'mic-2')).frames).toBe(SECONDS * 48_000);
  });

  it('has its duration and is sought by its cues', () => {
    expect(probe(file(live, 'cam-1')).duration).toBeNull();
    expect(probe(file(sealed, 'cam-1')).duration).toBeCloseTo(OFFSET_S + SECONDS, 1);
    expect(probe(file(sealed, 'mic-1')).duration).toBeCloseTo(OFFSET_S + SECONDS, 1);
    const back = decode(file(sealed, 'cam-1'), OFFSET_S + 4.5);
    expect(back).toMatchObject({ firstPts: OFFSET_S + 4, frames: 60 });
    expect(decode(file(sealed, 'mic-1'), OFFSET_S + 5).firstPts).toBeGreaterThan(OFFSET_S + 4.4);
  });

  it('is read by mediabunny, identical to what was sent', async () => {
    for (const { stream, packets } of media) {
      using input = new Input({ formats: [MATROSKA], source: new FilePathSource(file(sealed, stream.id)) });
      const track = (await input.getPrimaryVideoTrack()) ?? (await input.getPrimaryAudioTrack());
      const sink = new EncodedPacketSink(track as NonNullable<typeof track>);
      let n = 0;
      for await (const packet of sink.packets()) {
        expect(Buffer.compare(packet.data, decodePacket(packets[n] as Uint8Array).data)).toBe(0);
        n += 1;
      }
      expect(n).toBe(packets.length);
    }
  });

  it('has every packet where it was before, as listed in the index', () => {
    for (const { stream, packets } of media) {
      const before = readFileSync(file(live, stream.id));
      const after = readFileSync(file(sealed, stream.id));
      const index = packetsOf(sealed, stream.id);
      expect(index).toHaveLength(packets.length);
      expect(index).toEqual(packetsOf(live, stream.id));
      index.forEach(({ offset, length }, i) => {
        const sent = decodePacket(packets[i] as Uint8Array).data;
        expect(Buffer.compare(before.subarray(offset, offset + length), sent)).toBe(0);
        expect(Buffer.compare(after.subarray(offset, offset + length), sent)).toBe(0);
      });
    }
    using reader = openSession(sealed);
    const [packet] = reader.packets('cam-1', 4_000_000_000n, 4_000_000_000n);
    expect(packet).toMatchObject({ key: true, seq: 60 });
    expect(reader.packetBytes(packet as PacketInfo)).toEqual(decodePacket(media[0]?.packets[60] as Uint8Array).data);
  });

  it('has clusters of at most half a second', async () => {
    const { scanMkv } = await import('../../session/matroska/mkvScan.ts');
    for (const { stream } of media) {
      const scan = scanMkv(sealed, `media/${stream.id}/0001.mkv`, () => {});
      expect(scan.clusters.length).toBeGreaterThanOrEqual(SECONDS * 2);
      const starts = scan.clusters.map((c) => c.tick);
      expect(Math.max(...starts.slice(1).map((tick, i) => tick - (starts[i] as number)))).toBeLessThan(5400);
    }
  });
});

describe('sealing', () => {
  it('produces a verified session, and changes nothing when repeated', async () => {
    expect(await verifySession(sealed)).toMatchObject({ ok: true, sealed: true, findings: [] });
    const hash = (): string[] =>
      ['manifest.json', 'session.sqlite', 'media/cam-1/0001.mkv'].map((p) =>
        readFileSync(join(sealed, p)).toString('base64'),
      );
    const before = hash();
    await sealSession(sealed);
    expect(hash()).toEqual(before);
  });

  it('completes an interrupted sealing with the same bytes', async () => {
    const again = join(folder, '..', 'again');
    cpSync(live, again, { recursive: true });
    // As if the first try had finished one file, and had been cut off in the cues of another.
    for (const id of ['cam-1', 'mic-1']) copyFileSync(file(sealed, id), file(again, id));
    truncateSync(file(again, 'mic-1'), statSync(file(again, 'mic-1')).size - 20);
    const { findings } = await sealSession(again);
    expect(findings).toEqual([]);
    for (const { stream } of media)
      expect(readFileSync(file(again, stream.id))).toEqual(readFileSync(file(sealed, stream.id)));
    expect(await verifySession(again)).toMatchObject({ ok: true, findings: [] });
  });

  it('drops a torn tail and reports it', async () => {
    const torn = join(folder, '..', 'torn');
    cpSync(live, torn, { recursive: true });
    const { appendFileSync } = await import('node:fs');
    appendFileSync(file(torn, 'cam-1'), Buffer.from([0xa3, 0x45, 0x00, 1, 2, 3]));
    const { findings } = await sealSession(torn);
    expect(findings.map((f) => [f.code, f.where])).toEqual([['media.tail-dropped', 'media/cam-1/0001.mkv']]);
    expect(readFileSync(file(torn, 'cam-1'))).toEqual(readFileSync(file(sealed, 'cam-1')));
    using reader = openSession(torn);
    expect(reader.db.prepare("SELECT count(*) FROM event WHERE part = 'seal'").pluck().get()).toBe(1);
  });
});

describe('a stream that began before the session', () => {
  const early = temporaryFolder();
  afterAll(early.remove);

  it.each([
    ['less than its decoder takes', 2_800_000n],
    ['more than its decoder takes', 8_400_000n],
  ])('%s: its file is at its own time from the second packet on', async (_, beforeNs) => {
    const root = join(early.folder, '..', `early-${beforeNs}`);
    const both = [await opus('mic-1', 1), await h264('cam-1', 1)];
    const { store, open, declare } = testStore();
    open(root, testMeta());
    store.handle({ type: 'fit', fit: testFit(-beforeNs) });
    for (const { stream, packets } of both) {
      await declare(stream);
      for (const bytes of packets) store.handle({ type: 'packet', stream: stream.id, clock: CLOCK, bytes });
    }
    store.handle({ type: 'close', request: 1 });
    for (const { stream, packets } of both) {
      const [first, ...rest] = probe(file(root, stream.id)).packets;
      rest.forEach(({ pts }, i) => {
        const trueNs = decodePacket(packets[i + 1] as Uint8Array).publisherNs - Number(beforeNs);
        // Files count in steps of 0.1 ms.
        expect(Math.abs(pts - trueNs / 1e9)).toBeLessThan(0.00011);
      });
      expect(first?.pts).toBeLessThan(rest[0]?.pts ?? 0);
    }
  });
});
