/**
 * The worker that reads, encodes and checks every source. One for all: six workers cost more without benefit
 * (encode-once).
 */
import type { FromWorker, ToWorker } from '../workerMessages.ts';
import { AudioPump } from './audioPump.ts';
import { Gate } from './gate.ts';
import { PreviewMaker } from './previewMaker.ts';
import { type PumpContext, VideoPump } from './videoPump.ts';
import { SystemBase } from './videoTimes.ts';
import { WorkerClock } from './workerClock.ts';

/** The subset of a worker's global scope that is used; the DOM's types know only windows. */
interface WorkerScope {
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}
const scope = globalThis as unknown as WorkerScope;

const send = (message: FromWorker, transfer: Transferable[] = []): void => scope.postMessage(message, transfer);
const gate = new Gate();
const previews = new PreviewMaker(send);
const system = new SystemBase();
const pumps = new Map<string, { instance: number; pump: VideoPump | AudioPump }>();
let context: PumpContext | null = null;
let watching = false;

function start(timeOriginMs: number): void {
  const clock = new WorkerClock(timeOriginMs);
  context = { clock, system, gate, previews, send };
  let turn = 0;
  setInterval(() => {
    turn += 1;
    for (const { pump } of pumps.values()) {
      pump.tick(clock.nowNs());
      if (turn % 2 === 0) pump.stats();
    }
  }, 500);
}

function add(source: string, instance: number, pump: VideoPump | AudioPump): void {
  pumps.get(source)?.pump.close();
  pumps.set(source, { instance, pump });
  if (pump instanceof AudioPump) pump.watch(watching);
  void pump.run().then(() => {
    if (pumps.get(source)?.instance === instance) pumps.delete(source);
  });
}

scope.onmessage = ({ data: message }) => {
  if (message.type === 'start') return start(message.timeOriginMs);
  if (!context) return;
  switch (message.type) {
    case 'openVideo':
      add(message.source, message.instance, new VideoPump(message, context));
      break;
    case 'openAudio':
      add(message.source, message.instance, new AudioPump(message, context));
      break;
    case 'close': {
      const open = pumps.get(message.source);
      if (open?.instance !== message.instance) break;
      open.pump.close();
      pumps.delete(message.source);
      previews.forget(message.source);
      break;
    }
    case 'count': {
      const open = pumps.get(message.source);
      if (open?.instance === message.instance && open.pump instanceof VideoPump) open.pump.count(message.made);
      break;
    }
    case 'publish':
      gate.set(message.generation, message.recording, message.live, message.paused);
      break;
    case 'keyFrame': {
      const pump = pumps.get(message.source)?.pump;
      if (pump instanceof VideoPump) pump.wantKey();
      break;
    }
    case 'preview':
      watching = message.watching;
      previews.watch(watching);
      for (const { pump } of pumps.values()) if (pump instanceof AudioPump) pump.watch(watching);
      break;
  }
};
