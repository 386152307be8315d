import { expect, it } from 'vitest';
import { memoryDatabase } from '../folder/indexFile.ts';
import { defineViews } from './indexSchema.ts';
import { MIGRATIONS } from './migrations/index.ts';

it('supports its views for an index of every version', () => {
  for (const { version } of MIGRATIONS) {
    const db = memoryDatabase();
    for (const step of MIGRATIONS.filter((m) => m.version <= version)) db.exec(step.sql);
    db.pragma(`user_version = ${version}`);
    defineViews(db);
    for (const view of ['timed_packet', 'timed_gap', 'frame_time', 'marker_frame'])
      expect(db.prepare(`SELECT * FROM ${view}`).all(), `${view} of version ${version}`).toEqual([]);
    db.close();
  }
});
