/** The thread that reads sessions for review. */
import { parentPort, workerData } from 'node:worker_threads';
import { reportOf } from '../../common/errors.ts';
import { diskError } from '../../session/format/diskErrors.ts';
import type { ReviewAnswer, ReviewRequest } from './reviewApi.ts';
import { SessionQueries } from './sessionQueries.ts';

const port = parentPort;
if (!port) throw new Error('reviewWorker.entry.ts runs as a worker thread');
const { dataFolder } = workerData as { dataFolder: string };
const desk = new SessionQueries(dataFolder);

port.on('message', ({ request, name, input }: ReviewRequest) => {
  const say = (answer: ReviewAnswer): void => port.postMessage(answer);
  try {
    say({ request, value: (desk.work[name] as (input: unknown) => unknown)(input) });
  } catch (error) {
    say({ request, error: reportOf(diskError(error, dataFolder, 'read')) });
  }
});
