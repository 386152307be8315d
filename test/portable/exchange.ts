/** Sessions and kits of known content, identical on every system, for another system to read. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CLOCK,
  sampleStream,
  testFit,
  testMeta,
  testPacket,
  testSamples,
  testStore,
  videoStream,
} from '../../electron/engine/store/testKit.ts';
import { sealSession } from '../../electron/session/seal/seal.ts';

export const SESSIONS = 10;
const EPOCH_NS = 1_764_500_000_000_000_000n;

const kitOf = (i: number) => ({
  name: i % 2 === 0 ? `Room ${i}` : `Raum ${i}: Küche, 教室`,
  study: `study-${i}`,
  sources: [
    { id: `cam-${i}`, kind: 'camera' },
    { id: `sensor-${i}`, kind: 'serial', driver: 'lines', match: { path: i % 2 === 0 ? 'COM10' : '/dev/ttyACM0' } },
  ],
});

/** As editors write them: with and without a byte order mark, with both kinds of line ending. */
export const kitText = (i: number): string => {
  const text = JSON.stringify(kitOf(i), null, 2);
  return (i % 3 === 0 ? '\uFEFF' : '') + (i % 2 === 0 ? text.replaceAll('\n', '\r\n') : text);
};

export const sessionFolder = (place: string, i: number): string =>
  join(place, `study-${i}`, `20261130-10150${i}-00000${i}`);
export const kitFile = (place: string, i: number): string => join(place, `kit ${i}.fieldroom-kit`);

/** Writes ten sealed sessions and ten kits. */
export async function makeExchange(place: string): Promise<void> {
  for (let i = 0; i < SESSIONS; i += 1) {
    const folder = sessionFolder(place, i);
    mkdirSync(join(place, `study-${i}`), { recursive: true });
    writeFileSync(kitFile(place, i), kitText(i));
    const { store, open, declare } = testStore();
    open(
      folder,
      testMeta({
        id: `20261130-10150${i}-00000${i}`,
        study: `study-${i}`,
        zeroEngineNs: 0n,
        zeroWallNs: EPOCH_NS,
        kit: kitOf(i),
      }),
    );
    store.handle({ type: 'fit', fit: testFit(0n) });
    await declare(videoStream(`cam-${i}`));
    await declare({ ...sampleStream(`sensor-${i}`), participant: `P0${i}` });
    for (let seq = 0; seq < 60 + i; seq += 1)
      store.handle({
        type: 'packet',
        stream: `cam-${i}`,
        clock: CLOCK,
        bytes: testPacket(seq, { key: seq % 30 === 0 }),
      });
    store.handle({ type: 'samples', stream: `sensor-${i}`, clock: CLOCK, bytes: testSamples(0, 500 + i) });
    store.handle({ type: 'close', request: 1 });
    await sealSession(folder);
  }
}
