/**
 * Ten devices at realistic rates through the product's own device host: its processor time, and whether every sample
 * arrived.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulators } from '../../../devices/emulate.ts';
import { DoorClient } from '../../../electron/common/doorClient.ts';
import { kitSchema } from '../../../electron/common/kit.ts';
import { Engine } from '../../../electron/engine/engine.ts';
import { processTree } from '../processes.ts';

export interface NaturalResult {
  seconds: number;
  /** Share of one core. */
  hostCpu: number;
  hostBytes: [number, number];
  samples: number;
  drops: number;
  gaps: number;
}

const columns = [
  { name: 'count', type: 'integer', column: 1 },
  { name: 'value', column: 3 },
];
/** Lines per second, as real position tags, straps, belts, boards and an accelerometer send them. */
const RATES = [13, 13, 4, 4, 10, 20, 50, 50, 100, 200];

export async function natural(folder: string, seconds: number): Promise<NaturalResult> {
  const sources = RATES.map((rate, i) => ({
    id: `device-${i + 1}`,
    kind: 'serial',
    driver: 'lines',
    match: { path: `emulator:lines?rate=${rate}` },
    settings: { format: 'csv', checksum: 'crc8', columns, counter: 1, deviceTime: { column: 2, tickNs: 1e6 } },
  }));
  const emulated = await startEmulators(kitSchema.parse({ name: 'Ten devices', sources }));
  const engine = await Engine.start({ dataFolder: folder, livekitServer: null, deviceHost: true });
  try {
    const door = new DoorClient({ url: engine.url, token: engine.tokenFor('operator') }, fetch);
    await door.call('kit.load', { kit: emulated.kit, path: null });
    const streaming = async (): Promise<boolean> =>
      (await door.call('state.get', {})).sources.every((source) => source.state.state === 'streaming');
    while (!(await streaming())) await sleep(100);
    const session = await door.call('session.start', {});
    const host = () => processTree(process.pid).find((one) => one.name === 'device host');
    await sleep(2_000);
    const before = host();
    await sleep(seconds * 1000);
    const after = host();
    await door.call('session.stop', {});
    const summary = await door.call('session.sealed', { id: session.id });
    if (!before || !after) throw new Error('the device host is gone');
    return {
      seconds,
      hostCpu: (after.cpuSeconds - before.cpuSeconds) / seconds,
      hostBytes: [before.pssBytes, after.pssBytes],
      samples: summary.streams.reduce((sum, stream) => sum + stream.count, 0),
      drops: summary.streams.reduce((sum, stream) => sum + stream.drops, 0),
      gaps: summary.streams.reduce((sum, stream) => sum + stream.gaps, 0),
    };
  } finally {
    await engine.stop();
    await emulated.stop();
  }
}
