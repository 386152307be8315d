import { constants, setPriority } from 'node:os';
import { resolve } from 'node:path';
import process from 'node:process';
import { formatBytes } from '../../common/units.ts';
import { keysFromEnvironment } from '../../engine/upload/destinationText.ts';
import { Journal, journalPath } from '../../engine/upload/journal.ts';
import { Limiter } from '../../engine/upload/limiter.ts';
import type { UploadProgress } from '../../engine/upload/progressMeter.ts';
import { queueSession } from '../../engine/upload/queueSession.ts';
import { type UploadResult, uploadSession } from '../../engine/upload/sessionUpload.ts';
import { interruptSignal } from '../interrupt.ts';
import { watchRecording } from '../recordingMonitor.ts';
import { Progress, printJson } from '../terminal.ts';
import { dataFolderOf, type PlaceFlags, paceText, settingsOf } from '../uploadFlags.ts';

interface UploadFlags extends PlaceFlags {
  to: string;
  data?: string;
  limit?: number;
  stall?: number;
  whileRecording?: boolean;
}

export async function upload(session: string, flags: UploadFlags): Promise<void> {
  const progress = new Progress();
  const folder = resolve(session);
  const dataFolder = dataFolderOf(folder, flags.data);
  // Lowest priority: every other program on this laptop comes first.
  setPriority(constants.priority.PRIORITY_LOW);
  const journal = new Journal(journalPath(dataFolder));
  const limiter = new Limiter({ bytesPerSecond: flags.limit ?? null });
  const signal = interruptSignal(() => progress.say('Stopping. Run the same command to resume.'));
  const say = (line: object, text: string): void => (flags.json ? printJson(line) : progress.say(text));
  const stopWatching = flags.whileRecording
    ? () => {}
    : watchRecording(dataFolder, (recording) => {
        if (recording) limiter.hold();
        else limiter.let();
        say({ type: 'yields', recording }, recording ? 'Paused while a session is recorded.' : 'Resumed.');
      });
  try {
    const row = queueSession(journal, folder, settingsOf(flags.to, flags));
    const result = await uploadSession(row, {
      ...{ journal, limiter, signal, deadlineMs: flags.deadline, keys: keysFromEnvironment(process.env) },
      ...(flags.stall === undefined ? {} : { stallMs: flags.stall }),
      events: {
        onProgress: (now) => (flags.json ? printJson({ type: 'progress', ...now }) : progress.update(lineOf(now))),
        onWait: (error, pauseMs) =>
          say(
            { type: 'waiting', error: error.toReport(), pauseMs: Math.round(pauseMs) },
            `${error.message} ${error.nextStep ?? ''}${pauseMs >= 1000 ? ` (retry in ${Math.round(pauseMs / 1000)} s)` : ''}`,
          ),
        onFile: (path, state) => flags.json && printJson({ type: 'file', path, state }),
      },
    });
    tell(result, row.place, flags.json === true, progress);
  } finally {
    stopWatching();
    journal.close();
  }
}

function lineOf({ doneBytes, totalBytes, filesDone, files, bytesPerSecond, secondsLeft }: UploadProgress): string {
  const share = totalBytes > 0 ? Math.floor((100 * doneBytes) / totalBytes) : 100;
  const amount = `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
  return `Uploading: ${share} %, ${amount}, ${filesDone} of ${files} files, ${paceText(bytesPerSecond, secondsLeft)}`;
}

function tell(
  { receipt, receiptFile, receiptLocation, wireBytes }: UploadResult,
  place: string,
  json: boolean,
  progress: Progress,
): void {
  const { study, session, files } = receipt;
  const bytes = [...files, receipt.manifest].reduce((sum, file) => sum + file.bytes, 0);
  if (json) {
    printJson({
      type: 'done',
      study,
      session,
      place,
      files: files.length + 1,
      bytes,
      wireBytes,
      receipt: receiptFile,
      receiptLocation,
    });
    return;
  }
  progress.say('');
  const byReading = files.filter(({ proof }) => proof.by === 'read-back').length;
  const how =
    byReading === 0
      ? "by the server's SHA-256"
      : byReading === files.length
        ? 'by reading it all back'
        : "by the server's SHA-256 and by reading back";
  process.stdout.write(
    `Complete: ${session} of ${study} is at ${place}.\n  ${files.length + 1} files, ${formatBytes(bytes)}, verified ${how}\n  receipt  ${receiptFile}\n           ${receiptLocation}\n`,
  );
}
