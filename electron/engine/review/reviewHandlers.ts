/** Handlers of the door's calls that read finished and running sessions. */
import type { CallHandlers } from '../door/door.ts';
import type { ReviewService } from './reviewService.ts';

type ReviewCall = Extract<keyof CallHandlers, `sessions.${string}` | `review.${string}` | `trash.${string}`>;

/** @param onRestored a session is back from the trash */
export function makeReviewHandlers(review: ReviewService, onRestored: () => void): Pick<CallHandlers, ReviewCall> {
  const { client } = review;
  const done = { ok: true } as const;
  return {
    'sessions.list': async ({ search }) => ({ sessions: await review.list(search) }),
    'sessions.open': ({ folder }) => review.open(folder),
    'sessions.verify': ({ key }) => review.verify(key),
    'sessions.delete': async ({ key, typedName }) => ({ id: await review.delete(key, typedName) }),
    'trash.list': async () => ({ sessions: await client.ask('trash', {}) }),
    'trash.restore': async ({ id }) => {
      const folder = await client.ask('restore', { id });
      onRestored();
      return { folder };
    },
    'trash.empty': async () => ({ freedBytes: await client.ask('emptyTrash', {}) }),
    'sessions.describe': async (input) => {
      await client.ask('describe', input);
      return done;
    },
    'sessions.report': async ({ key }) => ({ html: await client.ask('report', { key }) }),
    'review.session': async ({ key }) => client.ask('session', { key, live: await review.isLive(key) }),
    'review.packets': (input) => client.ask('packets', input),
    'review.plot': (input) => client.ask('plot', input),
    'review.samples': (input) => client.ask('samples', input),
    'review.values': async (input) => ({ values: await client.ask('valuesAt', input) }),
    'review.addMarker': async (input) => ({ id: await client.ask('addMarker', input) }),
    'review.correctMarker': async (input) => {
      await client.ask('correctMarker', input);
      return done;
    },
  };
}
