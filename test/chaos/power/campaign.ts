/**
 * Power cuts: a session of counted samples and packets on a file system that writes only what is synced. Its image is
 * copied at random moments; each copy is repaired, verified and read.
 */
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { audioStream, countedPayload } from '../../../electron/engine/store/testKit.ts';
import { verifySession } from '../../../electron/session/check/verify.ts';
import { openSession } from '../../../electron/session/read/sessionReader.ts';
import { repairSession } from '../../../electron/session/repair/repairSession.ts';
import { sensorKit, testEngine } from '../../fixtures/engine.ts';
import { LoopDisk } from '../../fixtures/loopDisk.ts';
import { counterStream, sendCounter, testPublisher, untilConnected } from '../../fixtures/publisher.ts';
import { SessionIndex } from '../../fixtures/sessionIndex.ts';
import { waitFor } from '../../fixtures/wait.ts';
import { Random } from '../random.ts';
import { markdown, spread } from '../table.ts';

const MB = 1024 * 1024;
const EVERY_MS = 20;
const PACKET_BYTES = 4000;
const FOREVER_NS = 10n ** 18n;

export interface PowerReport {
  cuts: number;
  /** Sent before the cut and missing from the copy, milliseconds. */
  sensorLossMs: number[];
  mediaLossMs: number[];
  /** Findings that repair fixed. */
  mended: number;
  faults: string[];
}

export async function powerCampaign(options: {
  seed: number;
  cuts: number;
  say?: (text: string) => void;
}): Promise<PowerReport> {
  const { seed, cuts, say = () => undefined } = options;
  const random = new Random(seed);
  using disk = new LoopDisk(160 * MB);
  await using test = await testEngine({ dataFolder: join(disk.folder, 'data'), disk: { reserveBytes: 2 * MB } });
  await test.door.call('kit.load', { kit: sensorKit('counter', 'mic-1'), path: null });
  const { publisher, now } = testPublisher(test.address('devices'));
  const counter = publisher.declare(counterStream('counter'));
  const mic = publisher.declare(audioStream('mic-1'));
  await untilConnected(publisher);
  const session = await test.door.call('session.start', {});
  await waitFor('the publisher records', () => publisher.session?.state === 'recording');
  let handedIn = 0;
  const timer = setInterval(() => {
    sendCounter(counter, now, handedIn, handedIn + 1, 1);
    const atNs = now();
    const data = countedPayload(handedIn, PACKET_BYTES);
    mic.packet({ publisherNs: atNs, deviceNs: atNs, durationNs: EVERY_MS * 1e6, key: true, data });
    handedIn += 1;
  }, EVERY_MS);
  const report: PowerReport = { cuts: 0, sensorLossMs: [], mediaLossMs: [], mended: 0, faults: [] };
  try {
    await sleep(1000);
    for (let cut = 0; cut < cuts; cut += 1) {
      await sleep(random.between(100, 1500));
      const before = handedIn;
      const drive = disk.cut(`cut-${cut}`);
      await examine(join(drive, relative(disk.folder, session.folder)), before, report);
      say(`cut ${cut + 1}: sensor ${report.sensorLossMs.at(-1)} ms, media ${report.mediaLossMs.at(-1)} ms lost`);
    }
  } finally {
    clearInterval(timer);
    publisher.close();
  }
  return report;
}

async function examine(folder: string, before: number, report: PowerReport): Promise<void> {
  const at = `cut ${report.cuts + 1}`;
  report.cuts += 1;
  report.mended += repairSession(folder).findings.length;
  report.faults.push(...(await verifySession(folder)).findings.map((f) => `${at}: ${f.code} ${f.where}: ${f.message}`));
  using index = new SessionIndex(folder);
  const rows = index.all<{ n: number; square: number }>('SELECT n, square FROM samples_counter ORDER BY seq');
  if (rows.some(({ n, square }, i) => n !== i || square !== n * n)) report.faults.push(`${at}: a sample is wrong`);
  using reader = openSession(folder);
  const packets = reader.packets('mic-1', -FOREVER_NS, FOREVER_NS);
  const wrong = packets.some(
    (packet, i) =>
      packet.seq !== i || !Buffer.from(reader.packetBytes(packet)).equals(countedPayload(packet.seq, PACKET_BYTES)),
  );
  if (wrong) report.faults.push(`${at}: a packet is wrong`);
  report.sensorLossMs.push(Math.max(0, before - rows.length) * EVERY_MS);
  report.mediaLossMs.push(Math.max(0, before - packets.length) * EVERY_MS);
}

export const powerTable = ({ cuts, sensorLossMs, mediaLossMs, mended }: PowerReport): string =>
  markdown(
    ['power cuts', 'samples lost', 'media lost', 'repaired'],
    [[String(cuts), spread(sensorLossMs), spread(mediaLossMs), String(mended)]],
  );
