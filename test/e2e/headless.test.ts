/** `record` without a display: failures of the terminal, the display or the app lose no recorded data. */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { verifySession } from '../../electron/session/check/verify.ts';
import { safe, smallKit, TestPlace, untilState } from '../fixtures/appliance.ts';
import type { OwnProcess } from '../fixtures/processTree.ts';
import { SessionIndex } from '../fixtures/sessionIndex.ts';
import { waitFor } from '../fixtures/wait.ts';

const COMMAND = resolve(import.meta.dirname, '../../native/fieldroom.mjs');
const NO_DISPLAY = { DISPLAY: undefined, WAYLAND_DISPLAY: undefined, XAUTHORITY: undefined };

const displaysOf = (place: TestPlace): OwnProcess[] =>
  place.processes().filter(({ command }) => /^\S*Xvfb /.test(command));

it('a closed terminal stops the recording, which is sealed whole; nothing keeps running', async () => {
  await using place = new TestPlace();
  const kit = place.write('kit.json', (await place.emulate(smallKit())).kit);
  const line = [process.execPath, COMMAND, 'record', '--kit', kit, '--data', place.dataFolder, '--for', '10m'];
  const terminal = spawn(
    'script',
    ['-qec', line.map((word) => `'${word}'`).join(' '), join(place.folder, 'typescript')],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...process.env, ...place.env, ...NO_DISPLAY, SHELL: '/bin/sh' },
    },
  );
  const { session } = await untilState(
    await place.door(),
    'every stream is safe on disk',
    (state) => state.session !== null && safe(10)(state),
  );
  expect(displaysOf(place)).toHaveLength(1);
  terminal.kill('SIGKILL');
  await place.allEnded();
  expect(await verifySession(session?.folder ?? '')).toMatchObject({ findings: [], sealed: true });
});

it('the app and then the display are killed: each comes back, with cameras and microphones', async () => {
  await using place = new TestPlace();
  const kit = place.write('kit.json', (await place.emulate(smallKit())).kit);
  const run = place.cli(['record', '--kit', kit, '--data', place.dataFolder, '--for', '10m', '--json'], {
    env: NO_DISPLAY,
  });
  const door = await place.door();
  const recording = await untilState(
    door,
    'every stream is safe on disk',
    (state) => state.session !== null && safe(10)(state),
  );
  const engine = place.process('engine');
  for (const victim of ['main', 'display'] as const) {
    const [display] = displaysOf(place);
    const main = place.process('main');
    const before = await door.call('state.get', {});
    process.kill(victim === 'main' ? main.pid : (display?.pid ?? 0), 'SIGKILL');
    await waitFor('another display', () => displaysOf(place).some(({ pid }) => pid !== display?.pid), 30_000);
    await untilState(door, `cameras continue after the ${victim} was killed`, ({ session, sources }) =>
      sources.every(({ streams }) =>
        streams.every(({ id, count }) => {
          const old = before.sources.flatMap((source) => source.streams).find((stream) => stream.id === id);
          return session?.id === recording.session?.id && count >= (old?.count ?? 0) + 30;
        }),
      ),
    );
    expect(place.process('main').pid).not.toBe(main.pid);
    expect(displaysOf(place)).toHaveLength(1);
  }
  expect(place.process('engine').pid).toBe(engine.pid);
  run.child.kill('SIGTERM');
  const end = await run.ended;
  expect(end.code, end.stderr).toBe(130);
  await place.allEnded();
  const { session } = end.json();
  expect(await verifySession(session)).toMatchObject({ findings: [], sealed: true });
  using index = new SessionIndex(session);
  const causes = index
    .gaps()
    .filter((gap) => gap.stream === 'mic')
    .map(({ cause }) => cause);
  expect(causes).toEqual(['publisher-restarted', 'publisher-restarted']);
});
