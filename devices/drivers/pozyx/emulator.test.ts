import { expect, test } from 'vitest';
import { PozyxEmulator, type PozyxEmulatorOptions } from './emulator.ts';
import { walk } from './walk.ts';

/** Sends each line and returns the replies in order; lines without an answer return none. */
async function ask(
  lines: readonly string[],
  settings: unknown = {},
  options: PozyxEmulatorOptions = {},
): Promise<string[]> {
  const emulator = new PozyxEmulator(settings, { positionMs: 2, radioMs: 1, ...options });
  const replies: string[] = [];
  emulator.emit = (bytes) => replies.push(Buffer.from(bytes).toString('latin1'));
  emulator.start();
  for (const line of lines) {
    emulator.receive(Buffer.from(`${line}\r`, 'latin1'));
    await new Promise((resolve) => setTimeout(resolve, 8));
  }
  emulator.stop();
  return replies;
}

/** The conversation of sensor-protocols 1.5. */
test('it answers the worked lines of the anchor list byte for byte', async () => {
  expect(
    await ask([
      'R,00,1',
      'F,c3,,1',
      'F,c4,01a0010000000000000000e60a0000,1',
      'F,c4,02a001fa28000000000000e60a0000,1',
      'F,c4,03a0016bfeffff70170000e60a0000,1',
      'F,c4,04a0010000000070170000e60a0000,1',
      'R,81,1',
      'F,c0,0004,9',
      'F,c6,01a0,13',
    ]),
  ).toEqual(
    ['2b', '01', '01', '01', '01', '01', '04', '0101a002a003a004a0', '010000000000000000e60a0000'].map(
      (hex) => `D,${hex}\r\n`,
    ),
  );
});

test('a position: flag, cleared by reading, and coordinates of the walk', async () => {
  const { x, y, z } = walk(0, 0);
  const place = Buffer.alloc(12);
  [x, y, z].map((value, i) => place.writeInt32LE(value, 4 * i));
  const replies = await ask(['F,b6,0100,1', 'R,05,1', 'R,05,1', 'R,30,12', 'F,cc,0100,74']);
  expect(replies.slice(0, 4)).toEqual(['D,01\r\n', 'D,02\r\n', 'D,00\r\n', `D,${place.toString('hex')}\r\n`]);
  expect(replies[4]).toMatch(new RegExp(`^D,01${place.toString('hex')}01`));
});

test('WHO_AM_I by radio as in 1.6', async () => {
  const lines = ['F,b2,000001,1', 'R,05,1', 'F,b3,666e02,1', 'R,05,1', 'R,82,3', 'F,b4,0001,2'];
  expect(await ask(lines, { tags: ['6012', '6e66'] })).toEqual(
    ['01', '00', '01', '10', '666e01', '012b'].map((hex) => `D,${hex}\r\n`),
  );
});

test('the quirk R,xx,0 gets an empty answer; writes, unknown words and too long reads get none', async () => {
  expect(await ask(['R,30,0', 'W,16,30', 'hello', 'R,30,29', 'R,zz,1', 'W,ff,00112233', 'F,ff,,1'])).toEqual([
    'D,\r\n',
    'D,00\r\n',
  ]);
});

test('it accepts any bytes from the host', () => {
  const emulator = new PozyxEmulator();
  emulator.start();
  for (let i = 0; i < 2000; i += 1) {
    const word = 'RWF,'[i % 4] ?? '';
    const address = ((i * 7) % 256).toString(16);
    emulator.receive(Buffer.from(`${word},${address},${'ff'.repeat(i % 130)},${i % 40}\r`));
  }
  emulator.stop();
});

test('an unknown fault is rejected by name', () => {
  expect(() => new PozyxEmulator().fault('earthquake')).toThrow(/earthquake/);
});
