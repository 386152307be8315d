/** The store's thread: passes commands to the SessionStore one at a time and posts its events. */
import { parentPort } from 'node:worker_threads';
import { SessionStore } from './sessionStore.ts';
import type { StoreCommand, StoreEvent } from './storeApi.ts';

if (!parentPort) throw new Error('storeWorker.entry.ts runs as a worker thread');
const port = parentPort;
const store = new SessionStore((event: StoreEvent) => port.postMessage(event));
/** Commands received while a `declare` is in progress. */
let waiting: StoreCommand[] | null = null;

port.on('message', (command: StoreCommand) => {
  if (waiting) waiting.push(command);
  else if (command.type === 'declare') void slowly(command);
  else void store.dispatch(command);
});

async function slowly(first: StoreCommand): Promise<void> {
  const queue = [first];
  waiting = queue;
  for (let next = queue.shift(); next; next = queue.shift()) await store.dispatch(next);
  waiting = null;
}
