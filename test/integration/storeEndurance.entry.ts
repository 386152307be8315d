/**
 * Records a session of two hours far faster than real time, as the engine does: a process with the store's worker.
 * Prints one JSON line. The child of `storeEndurance.test.ts`:
 *   node --expose-gc --max-old-space-size=48 test/integration/storeEndurance.entry.ts FOLDER
 */
import { crc32 } from 'node:zlib';
import { encodePacket } from '../../electron/common/wire.ts';
import { StoreClient } from '../../electron/engine/store/storeClient.ts';
import {
  audioStream,
  CLOCK,
  sampleStream,
  testFit,
  testMeta,
  testSamples,
  videoStream,
} from '../../electron/engine/store/testKit.ts';

const SECONDS = 2 * 3600;
const IN_FLIGHT_BYTES = 1024 * 1024;
/** Fewer and smaller packets than a camera's keep the run short; leaks would grow with time and packet count anyway. */
const PER_SECOND = 5;
const SAMPLES = 20;
/** Multiple of real time. Without pauses the garbage collectors run late, and the figures would show only that delay. */
const PACE = 300;

const folder = process.argv[2] as string;
const cameras = Array.from({ length: 6 }, (_, i) => videoStream(`cam-${i + 1}`));
const microphones = Array.from({ length: 6 }, (_, i) => audioStream(`mic-${i + 1}`));
const sensors = [sampleStream('heart-1'), sampleStream('heart-2'), sampleStream('imu')];
let wake = (): void => {};
const client = new StoreClient({ onPressure: () => wake() });
await client.request({ type: 'open', folder, meta: testMeta() });
client.post({ type: 'fit', fit: testFit(0n) });
for (const stream of [...cameras, ...microphones, ...sensors])
  await client.request({ type: 'declare', stream, clock: CLOCK });

const data = new Uint8Array(120).fill(7);
const checksum = crc32(data);
const durationNs = 1e9 / PER_SECOND;
function send(stream: string, seq: number, key: boolean): void {
  const times = { publisherNs: seq * durationNs, deviceNs: Number.NaN, durationNs };
  const bytes = encodePacket({ handle: 1, seq, ...times, key, crc32: checksum, data });
  client.post({ type: 'packet', stream, clock: CLOCK, bytes });
}

const megabytes: number[] = [];
const started = performance.now();
for (let second = 0; second < SECONDS; second += 1) {
  for (let i = 0; i < PER_SECOND; i += 1) {
    const seq = second * PER_SECOND + i;
    for (const { id } of cameras) send(id, seq, i === 0 && second % 2 === 0);
    for (const { id } of microphones) send(id, seq, true);
  }
  for (const { id } of sensors) {
    const bytes = testSamples(second * SAMPLES, SAMPLES, 3, 1e9 / SAMPLES);
    client.post({ type: 'samples', stream: id, clock: CLOCK, bytes });
  }
  while (client.unsafeBytes > IN_FLIGHT_BYTES)
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  const aheadMs = (second * 1000) / PACE - (performance.now() - started);
  await new Promise<void>((resolve) => {
    if (aheadMs > 1) setTimeout(resolve, aheadMs);
    else setImmediate(resolve);
  });
  if (second % 120 !== 0) continue;
  globalThis.gc?.();
  megabytes.push(Math.round(process.memoryUsage().rss / 1e6));
}
await client.request({ type: 'flush' });
const seconds = (performance.now() - started) / 1000;
const counts = { packets: SECONDS * PER_SECOND, samples: SECONDS * SAMPLES };
process.stdout.write(`${JSON.stringify({ seconds, speed: SECONDS / seconds, megabytes, counts })}\n`);
// Ends like a crash: the log of the last commits still has to be read back.
process.exit(0);
