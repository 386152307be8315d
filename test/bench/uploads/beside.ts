/**
 * The cost of an upload to a recording on the same computer, in three runs: no upload; an upload that is paused during
 * recording (the default); an upload with `--while-recording`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Journal, journalPath } from '../../../electron/engine/upload/journal.ts';
import { markdown } from '../../chaos/table.ts';
import { allStream, smallKit, TestPlace, untilState } from '../../fixtures/appliance.ts';
import { coresOf, processTree } from '../processes.ts';
import { bigSession } from './bigSession.ts';
import { zeroServer } from './zeroStore.ts';

/** More than can be sent during the recording. */
const MEGABYTES = 20_000;
/** An upload checks every two seconds whether a session is being recorded. */
const SETTLE_MS = 5000;
const TURNS = ['no upload', 'paused while recording', '--while-recording'] as const;

/** @param cli the command line and its flags @returns a table */
export async function besideRecording(seconds: number, cli: readonly string[]): Promise<string> {
  await using place = new TestPlace();
  await using server = await zeroServer();
  const session = await bigSession(place.dataFolder, MEGABYTES);
  const settings = { width: 1280, height: 720, frameRate: 30 };
  const { kit } = await place.emulate(
    smallKit({
      sources: [
        { id: 'camera-1', kind: 'camera', driver: 'simulated', settings },
        { id: 'camera-2', kind: 'camera', driver: 'simulated', settings },
        { id: 'mic', kind: 'microphone', match: { label: 'Fake Audio Input 1' } },
        { id: 'light', kind: 'serial', driver: 'lines', match: { path: 'emulator:lines' } },
      ],
    }),
  );
  const appliance = await place.appliance();
  const { door } = appliance;
  await door.call('kit.load', { kit, path: null });
  const rows: string[][] = [];
  for (const turn of TURNS) {
    await untilState(door, 'all sources deliver', allStream);
    const args = ['upload', session, '--data', place.dataFolder, '--to', `tus+${server.url}/files`, '--json'];
    if (turn === '--while-recording') args.push('--while-recording');
    const upload = turn === 'no upload' ? null : spawn(process.execPath, [...cli, ...args], { stdio: 'ignore' });
    const { id } = await door.call('session.start', {});
    await sleep(SETTLE_MS);
    const look = () => ({
      recording: processTree(appliance.pid),
      upload: upload?.pid ? processTree(upload.pid) : [],
      wireBytes: wireBytes(place.dataFolder),
    });
    const before = look();
    await sleep(seconds * 1000);
    const after = look();
    await door.call('session.stop', {});
    const { streams } = await door.call('session.sealed', { id });
    upload?.kill('SIGKILL');
    if (upload) await once(upload, 'exit');
    const video = streams.filter(({ kind }) => kind === 'video');
    rows.push([
      turn,
      video.map(({ count, durationNs }) => ((count * 1e9) / Number(durationNs)).toFixed(1)).join(', '),
      String(streams.reduce((sum, { gaps }) => sum + gaps, 0)),
      cores(before.recording, after.recording, seconds).toFixed(2),
      cores(before.upload, after.upload, seconds).toFixed(3),
      ((after.wireBytes - before.wireBytes) / 1e6).toFixed(1),
    ]);
  }
  await appliance.stop();
  const head = ['upload', 'frames a second', 'gaps', 'cores of the recording', 'cores of the upload', 'MB sent'];
  return `A recording of ${seconds} s with two cameras of 720p\n\n${markdown(head, rows)}\n`;
}

const cores = (...looks: Parameters<typeof coresOf>): number =>
  [...coresOf(...looks).values()].reduce((sum, one) => sum + one, 0);

function wireBytes(dataFolder: string): number {
  const journal = new Journal(journalPath(dataFolder));
  try {
    return journal.uploads().reduce((sum, { wireBytes: bytes }) => sum + bytes, 0);
  } finally {
    journal.close();
  }
}
