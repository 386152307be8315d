// Exports through the door: a separate process, paused while a session is being recorded, nothing left after cancelling.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ExportJob } from '../../electron/common/exports.ts';
import { sensorKit, testEngine } from '../fixtures/engine.ts';
import { makeLesson } from '../fixtures/export/lesson.ts';
import { waitFor } from '../fixtures/wait.ts';

it('exports one at a time, waits while a session is being recorded, and leaves nothing of a cancelled export', async () => {
  await using place = await testEngine();
  const { door, dataFolder } = place;
  await makeLesson(join(dataFolder, 'pilot', 'lesson'));
  const { sessions } = await door.call('sessions.list', { search: '' });
  const key = sessions[0]?.key as string;
  const job = async (id: number): Promise<ExportJob> =>
    (await door.call('exports.list', {})).jobs.find((one) => one.id === id) as ExportJob;
  const until = (id: number, state: ExportJob['state']): Promise<boolean> =>
    waitFor(`export ${id} is ${state}`, async () => (await job(id)).state === state);

  await door.call('kit.load', { kit: sensorKit('heart'), path: null });
  await door.call('session.start', { name: 'now' });
  const first = await door.call('exports.start', { key, format: 'csv' });
  const second = await door.call('exports.start', { key, format: 'csv' });
  const third = await door.call('exports.start', { key, format: 'csv', folder: dataFolder });
  expect([first.state, second.state, third.state]).toEqual(['queued', 'queued', 'queued']);
  await door.call('exports.cancel', { id: second.id });
  await door.call('session.stop', {});
  await until(first.id, 'done');
  expect((await job(first.id)).folder).toBe(join(dataFolder, 'exports', 'lesson-csv'));
  expect(JSON.parse(readFileSync(join(first.folder, 'export.json'), 'utf8')).to).toBe('csv');
  await until(third.id, 'failed');
  expect((await job(third.id)).error?.code).toBe('export.folder-in-use');
  expect((await job(second.id)).state).toBe('cancelled');
  expect(readdirSync(join(dataFolder, 'exports'))).toEqual(['lesson-csv']);
  expect(existsSync(`${second.folder}.partial`)).toBe(false);
});
