/**
 * `npm run chaos -- replug`: boards with known content are plugged, unplugged, swapped, reset and flashed with another program
 * while a real engine records them through the real device host, over real pseudo terminals.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostClock } from '../../../devices/clock.ts';
import type { DeviceInfo } from '../../../devices/driver.ts';
import { DeviceHost } from '../../../devices/host/deviceHost.ts';
import { openSocket } from '../../../devices/host/socket.ts';
import { socketAddress } from '../../../electron/common/doorClient.ts';
import { kitSchema } from '../../../electron/common/kit.ts';
import { Publisher } from '../../../electron/common/publisher/publisher.ts';
import { testEngine } from '../../fixtures/engine.ts';
import { Random } from '../random.ts';
import { markdown } from '../table.ts';
import { Board, type BoardKind } from './boards.ts';
import { type Checked, checkBoard } from './check.ts';

const socket = (port: string): string => `0000:00:14.0-usb-${port}:1.0`;
const KINDS: readonly BoardKind[] = [
  { id: 1, style: 'csv', serialNumber: 'SN-1' },
  { id: 2, style: 'csv', serialNumber: 'SN-2' },
  // Clones: only the socket distinguishes them.
  { id: 3, style: 'csv', place: socket('1.2') },
  { id: 4, style: 'csv', place: socket('1.3') },
  { id: 5, style: 'comma', place: socket('1.4'), serialNumber: '0001' },
  { id: 6, style: 'units', place: socket('2'), serialNumber: '0001' },
  { id: 7, style: 'key-value', serialNumber: 'SN-7' },
  { id: 8, style: 'json', serialNumber: 'SN-8' },
];
const ACTIONS = ['replug', 'replug', 'replug quietly', 'reset', 'swap', 'flash'] as const;
type Action = (typeof ACTIONS)[number];

export interface ReplugReport {
  seed: number;
  done: Record<string, number>;
  boards: (Checked & { source: string })[];
  faults: string[];
}

export async function replugCampaign({
  seed,
  plugs,
  say,
}: {
  seed: number;
  plugs: number;
  say: (text: string) => void;
}): Promise<ReplugReport> {
  const random = new Random(seed);
  const folder = await mkdtemp(join(tmpdir(), 'fieldroom-replug-'));
  await using test = await testEngine({});
  const boards = KINDS.map((kind) => new Board(kind));
  const sources = boards.map(({ kind }) => ({
    id: `board-${kind.id}`,
    kind: 'serial',
    driver: 'lines',
    match: {
      ...{ vendorId: '1a86', productId: '7523' },
      ...(kind.serialNumber === undefined ? {} : { serialNumber: kind.serialNumber }),
      ...(kind.place === undefined ? {} : { place: kind.place }),
    },
  }));
  const kit = kitSchema.parse({ name: 'Boards', study: 'chaos', sources });
  await test.door.call('kit.load', { kit, path: null });
  const host = startHost(test.address('devices'), () => boards.flatMap(({ device }) => (device ? [device] : [])));
  const done: Record<string, number> = {};
  try {
    await Promise.all(boards.map((board, i) => board.plug(folder, `ttyUSB${i}`, host.opened)));
    await sleep(2_000);
    const session = await test.door.call('session.start', {});
    await sleep(1_000);
    let left = plugs;
    // A swap takes the twin as well: the boards of a pair act one after the other, the pairs beside each other.
    const pairs = [0, 2, 4, 6].map((at) => boards.slice(at, at + 2));
    await Promise.all(
      pairs.map(async (pair) => {
        while (left > 0) {
          left -= 1;
          const action = random.pick(ACTIONS);
          done[action] = (done[action] ?? 0) + 1;
          await act(action, random.pick(pair), { boards, folder, random, opened: host.opened });
          if (left % 100 === 0) say(`${left} to go`);
          await sleep(random.whole(250, 900));
        }
      }),
    );
    await sleep(1_500);
    await test.door.call('session.stop', {});
    await test.door.call('session.sealed', { id: session.id });
    const checked = boards.map((board) => {
      const source = `board-${board.kind.id}`;
      return { source, ...checkBoard(session.folder, source, board) };
    });
    return { seed, done, boards: checked, faults: checked.flatMap(({ faults }) => faults.slice(0, 20)) };
  } finally {
    await host.stop();
    for (const board of boards) await board.unplug();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Bench {
  boards: readonly Board[];
  folder: string;
  random: Random;
  opened: (path: string) => Promise<void>;
}

async function act(action: Action, board: Board, { boards, folder, random, opened }: Bench): Promise<void> {
  const { path } = board;
  if (action === 'reset') {
    board.reset();
    return;
  }
  const at = boards.indexOf(board);
  const twin = boards[at % 2 === 0 ? at + 1 : at - 1] as Board;
  await board.unplug();
  if (action === 'swap') {
    const other = twin.path;
    await twin.unplug();
    await sleep(random.whole(20, 200));
    await Promise.all([board.plug(folder, other, opened), twin.plug(folder, path, opened)]);
    return;
  }
  await sleep(random.whole(20, 200));
  if (action === 'flash') board.program = board.program === 'x' ? 'y' : 'x';
  await board.plug(folder, path, action === 'replug quietly' ? null : opened);
}

interface Host {
  /** Resolves when the port is open, or after some seconds. */
  opened: (path: string) => Promise<void>;
  stop: () => Promise<void>;
}

function startHost(address: { url: string; token: string }, listed: () => DeviceInfo[]): Host {
  const clock = hostClock();
  const { url, protocols } = socketAddress(address, '/v1/ingest');
  const publisher = new Publisher({
    connect: () => openSocket(url, protocols),
    epoch: clock.epoch,
    now: clock.now,
    clockResolutionNs: clock.resolutionNs,
    onMessage: (message) => {
      if (message.type === 'welcome' || message.type === 'sources') void host.setSources(message.sources);
    },
    onSessionChanging: () => host.flush(),
    onSession: (session) => host.sessionChanged(session !== null),
    onConnection: (connected) => {
      if (connected) host.restate();
    },
  });
  const host = new DeviceHost({
    publisher,
    now: clock.now,
    log: () => undefined,
    listSerial: async () => ({ devices: listed(), note: null }),
    hid: { list: async () => [], open: () => Promise.reject(new Error('no HID here')) },
    pollMs: 50,
  });
  host.start();
  publisher.open();
  const isOpen = (path: string): boolean =>
    host.states.some(({ device, state }) => device.includes(path) && ['opening', 'streaming'].includes(state));
  return {
    opened: async (path) => {
      for (let tries = 0; tries < 100 && !isOpen(path); tries += 1) await sleep(50);
      await sleep(150);
    },
    stop: async () => {
      await host.stop();
      publisher.close();
    },
  };
}

export const replugTable = ({ boards, done }: ReplugReport): string =>
  [
    markdown(
      ['board', 'rows', 'missing, in gaps', 'gaps', 'streams', 'faults'],
      boards.map(({ source, rows, missing, gaps, streams, faults }) =>
        [source, rows, missing, gaps, streams, faults.length].map(String),
      ),
    ),
    `\n${Object.entries(done)
      .map(([action, count]) => `${count} x ${action}`)
      .join(', ')}`,
  ].join('\n');
