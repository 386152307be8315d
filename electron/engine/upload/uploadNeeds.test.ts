import { expect, it } from 'vitest';
import type { UploadHold } from '../../common/uploads.ts';
import type { UploadRow } from './journal.ts';
import { needsNotice, needsOf } from './uploadNeeds.ts';

const row = (state: UploadRow['state'], hold: UploadHold | null = null) => ({ state, hold }) as unknown as UploadRow;

function needs(rows: UploadRow[], unsendable = 0) {
  const holdOf = (one: UploadRow) => (one as unknown as { hold: Exclude<UploadHold, 'turn'> | null }).hold;
  return needsOf({ uploads: () => rows }, { holdOf }, unsendable);
}

it('counts failed uploads, unsendable sessions and missing keys, but not what continues automatically', () => {
  expect(needs([row('queued'), row('running'), row('waiting'), row('paused'), row('done')])).toEqual({
    failed: 0,
    keys: 0,
  });
  expect(needs([row('failed'), row('failed'), row('queued', 'keys'), row('done', 'keys')], 1)).toEqual({
    failed: 3,
    keys: 1,
  });
});

it('ignores a study whose uploading is turned off', () => {
  expect(needs([row('failed', 'off'), row('queued', 'off')])).toEqual({ failed: 0, keys: 0 });
});

it('gives one sentence that says the recording is safe', () => {
  expect(needsNotice({ failed: 0, keys: 0 })).toBeNull();
  expect(needsNotice({ failed: 1, keys: 0 })?.message).toBe('1 upload failed. The sessions are safe on this computer.');
  expect(needsNotice({ failed: 2, keys: 1 })?.message).toMatch(/^2 uploads failed, 1 upload waits for keys\./);
});
