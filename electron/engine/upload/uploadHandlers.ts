/** Handlers of the door's upload calls. */
import type { AcceptedRisk } from '../../common/uploads.ts';
import type { CallHandlers } from '../door/door.ts';
import type { ReviewService } from '../review/reviewService.ts';
import type { UploadService } from './uploadService.ts';

type UploadCall = Extract<keyof CallHandlers, `uploads.${string}` | `destinations.${string}`>;

export function makeUploadHandlers(uploads: UploadService, review: ReviewService): Pick<CallHandlers, UploadCall> {
  const { uploader } = uploads;
  const done = { ok: true } as const;
  const by =
    <I>(work: (input: I) => unknown) =>
    async (input: I) => {
      await work(input);
      return done;
    };
  return {
    'uploads.get': () => uploads.state(),
    'uploads.files': ({ id }) => uploader.ask('files', { id }),
    'uploads.study': by((study) => uploads.setStudy(study)),
    'uploads.pauseAll': by(({ paused }) => uploads.pauseAll(paused)),
    'uploads.pause': by(({ id }) => uploader.ask('pause', { id })),
    'uploads.resume': by(({ id }) => uploader.ask('resume', { id })),
    'uploads.order': by(({ ids }) => uploader.ask('order', { ids })),
    'uploads.limit': by(({ bytesPerSecond }) => uploads.setLimit(bytesPerSecond)),
    'uploads.forget': by(({ id }) => uploader.ask('forget', { id })),
    'uploads.free': ({ key, accept }) => free(uploads, review, key, accept),
    'destinations.save': ({ id, name, settings }) => ({ id: uploads.saveDestination(id, name, settings) }),
    'destinations.delete': by(({ id }) => uploads.deleteDestination(id)),
    'destinations.keys': by(({ id, keys }) => uploads.setKeys(id, keys)),
    'destinations.test': async ({ id }) => ({ steps: await uploader.ask('test', { id }) }),
  };
}

/** Nothing is moved until every file was read back from the destination. */
async function free(
  uploads: UploadService,
  review: ReviewService,
  key: string,
  accept: readonly AcceptedRisk[],
): Promise<{ id: string; place: string }> {
  const folder = await review.atRest(key);
  const { place } = await uploads.prove(folder, accept);
  const id = await review.delete(key, '');
  await uploads.freed(folder);
  return { id, place };
}
