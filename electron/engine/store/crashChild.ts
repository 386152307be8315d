/** The child process of `crash.test.ts`: writes a session as fast as it can and prints every ack until it is killed. */
import { workerData } from 'node:worker_threads';
import { StoreClient } from './storeClient.ts';
import {
  audioStream,
  CLOCK,
  sampleStream,
  testFit,
  testMeta,
  testPacket,
  testSamples,
  videoStream,
} from './testKit.ts';

const folder = process.argv[2] ?? String(workerData);
const client = new StoreClient({ onAck: ({ acks }) => process.stdout.write(`${JSON.stringify(acks)}\n`) });
await client.request({ type: 'open', folder, meta: testMeta() });
client.post({ type: 'fit', fit: testFit(1_000_000_000n) });
const next = { 'cam-1': 0, 'mic-1': 0, heart: 0 };
for (const stream of [videoStream('cam-1'), audioStream('mic-1'), sampleStream('heart')]) {
  next[stream.id as keyof typeof next] = (await client.request({ type: 'declare', stream, clock: CLOCK })).nextSeq;
}
process.stdout.write('["ready"]\n');
setInterval(() => {
  for (let i = 0; i < 5; i += 1) {
    const seq = next['cam-1']++;
    const bytes = testPacket(seq, { key: seq % 60 === 0, size: 3000, durationNs: 33_333_333 });
    client.post({ type: 'packet', stream: 'cam-1', clock: CLOCK, bytes });
    client.post({ type: 'packet', stream: 'mic-1', clock: CLOCK, bytes: testPacket(next['mic-1']++, { size: 160 }) });
  }
  client.post({ type: 'samples', stream: 'heart', clock: CLOCK, bytes: testSamples(next.heart, 25) });
  next.heart += 25;
}, 5);
