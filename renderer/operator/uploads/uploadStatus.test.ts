import { describe, expect, it } from 'vitest';
import type { UploadEntry } from '../../../electron/common/uploads.ts';
import { percentOf, sessionUpload, uploadStatus } from './uploadStatus.ts';

const entry = (more: Partial<UploadEntry>): UploadEntry => ({
  ...{ id: 1, study: 's', session: 'x', place: 'p', destination: 'd', state: 'running', hold: null },
  ...{ bytes: 1000, doneBytes: 430, files: 3, filesDone: 1, bytesPerSecond: 10, secondsLeft: 57 },
  ...{ addedMs: 0, endedMs: null, error: null, againAtMs: null },
  ...more,
});
const away = { code: 'upload.unreachable', message: 'It cannot be reached.' };

describe('an upload in one sentence', () => {
  it.each([
    [{}, 'busy', 'Uploading: 43 %'],
    [{ doneBytes: 1000 }, 'busy', 'Verifying at the destination'],
    [{ error: away }, 'busy', 'Retrying: 43 %'],
    [{ hold: 'recording' }, 'rest', 'Waiting for the recording to end'],
    [{ state: 'queued', hold: 'keys' }, 'bad', 'Waiting for keys'],
    [{ state: 'queued', hold: 'turn' }, 'rest', 'Waiting for its turn'],
    [{ state: 'waiting', error: away }, 'rest', 'Waiting for the destination'],
    [{ state: 'failed' }, 'bad', 'Needs attention'],
    [{ state: 'paused' }, 'rest', 'Paused'],
    [{ state: 'done' }, 'good', 'Uploaded and verified'],
  ] as [Partial<UploadEntry>, string, string][])('%o', (more, mood, text) => {
    expect(uploadStatus(entry(more))).toEqual({ mood, text });
  });

  it('is never 100 % before everything is uploaded', () => {
    expect(percentOf({ bytes: 1e9, doneBytes: 1e9 - 1 })).toBe(99);
    expect(percentOf({ bytes: 0, doneBytes: 0 })).toBe(0);
  });
});

describe('a session with several uploads', () => {
  it('shows the most urgent one, and nothing when all are done or off', () => {
    expect(sessionUpload([entry({ state: 'done' }), entry({}), entry({ state: 'failed' })])?.mood).toBe('bad');
    expect(sessionUpload([entry({ state: 'queued', hold: 'turn' }), entry({})])?.text).toBe('Uploading: 43 %');
    expect(sessionUpload([entry({ state: 'queued', hold: 'turn' })])?.text).toBe('Waiting to upload');
    expect(sessionUpload([entry({ state: 'done' }), entry({ state: 'queued', hold: 'off' })])).toBeNull();
  });
});
