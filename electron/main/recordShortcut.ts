/** A global shortcut: starts a recording, or during one shows the window and asks whether to stop. */
import { globalShortcut } from 'electron';
import type { Log } from './log.ts';

export const RECORD_SHORTCUT = 'CommandOrControl+Alt+R';

export interface RecordShortcutOptions {
  recording: () => boolean;
  start: () => Promise<unknown>;
  /** A key pressed by mistake must not end a lesson. */
  askToStop: () => void;
  log: Log;
}

export function takeRecordShortcut({ recording, start, askToStop, log }: RecordShortcutOptions): void {
  const taken = globalShortcut.register(RECORD_SHORTCUT, () => {
    if (recording()) return askToStop();
    start().catch((error: unknown) => log('warn', 'the shortcut could not start a session', { error: String(error) }));
  });
  if (!taken) log('warn', 'another program has the shortcut', { shortcut: RECORD_SHORTCUT });
}
