/**
 * The uploader as a child process of the engine: `uploaderMessages` on standard input, answers on standard output. Keys
 * arrive only through that input. It ends when its input closes; uploads resume at the next start.
 */
import { flushCompileCache } from 'node:module';
import { constants, setPriority } from 'node:os';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { reportOf } from '../../common/errors.ts';
import type { UploadNeeds, UploadPlan } from '../../common/uploads.ts';
import { Journal, journalPath } from './journal.ts';
import { watchNetwork } from './networkMonitor.ts';
import type { FromUploader, ToUploader } from './uploaderMessages.ts';
import { needsOf } from './uploadNeeds.ts';
import { UploadQueue } from './uploadQueue.ts';
import { UploadRunner } from './uploadRunner.ts';
import { UploadScan } from './uploadScan.ts';

type Start = Extract<ToUploader, { type: 'start' }>;

// All other programs on this laptop have priority.
setPriority(constants.priority.PRIORITY_LOW);

// A dead engine no longer reads.
process.stdout.on('error', () => undefined);
const say = (message: FromUploader): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

let take: ((message: ToUploader) => void) | null = null;
let end: () => Promise<void> = () => Promise.resolve();
const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const message = JSON.parse(line) as ToUploader;
  if (take) take(message);
  else if (message.type === 'start') start(message);
});
input.on('close', () => void end().finally(() => process.exit(0)));
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => void end().finally(() => process.exit(0)));

/** After a startup error it keeps running to report the reason; a restart would fail again. */
function start(message: Start): void {
  try {
    begin(message);
  } catch (error) {
    const report = reportOf(error);
    say({ type: 'log', level: 'error', code: report.code, message: report.message });
    take = (other) => {
      if (other.type === 'ask') say({ type: 'answer', request: other.request, error: report });
    };
  }
}

function begin({ dataFolder, pace }: Start): void {
  const journal = new Journal(journalPath(dataFolder));
  const runner = new UploadRunner({
    journal,
    pace,
    log: (level, code, message) => say({ type: 'log', level, code, message }),
    onChange: () => tellNeeds(),
  });
  const scan = new UploadScan(dataFolder, journal);
  const desk = new UploadQueue(journal, runner, scan, pace.deadlineMs);
  let plan: UploadPlan | null = null;
  /** Null: a new uploader always reports it. */
  let told: UploadNeeds | null = null;
  const tellNeeds = (): void => {
    const needs = needsOf(journal, runner, scan.troubles.length);
    if (needs.failed !== told?.failed || needs.keys !== told.keys) say({ type: 'needs', needs });
    told = needs;
  };
  const look = (): void => {
    if (!plan) return;
    scan.run(plan);
    runner.turn();
  };
  watchNetwork(() => runner.now());
  take = (message) => {
    switch (message.type) {
      case 'plan':
        plan = message.plan;
        runner.setPlan(plan);
        return look();
      case 'keys':
        return runner.setKeys(message.destination, message.keys);
      case 'recording':
        if (message.recording) desk.yieldToRecording();
        return runner.setRecording(message.recording);
      case 'scan':
        return look();
      case 'ask':
        return void answer(desk, message);
      case 'start':
        return;
    }
  };
  end = async () => {
    desk.close();
    await runner.stop();
    journal.close();
  };
  flushCompileCache();
}

async function answer(
  desk: UploadQueue,
  { request, name, input }: Extract<ToUploader, { type: 'ask' }>,
): Promise<void> {
  try {
    const work = desk.work[name] as (input: unknown) => unknown;
    say({ type: 'answer', request, value: (await work(input)) ?? null });
  } catch (error) {
    say({ type: 'answer', request, error: reportOf(error) });
  }
}
