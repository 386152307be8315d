/** Pauses an upload while a session is recorded in the same data folder: capture comes first. */
import { runningDoor } from './runningDoor.ts';

const LOOK_MS = 2000;
const TOKEN_MS = 24 * 3600 * 1000;

/** Calls back when a recording begins or ends. @returns a function that stops the monitor */
export function watchRecording(dataFolder: string, onChange: (recording: boolean) => void): () => void {
  let stopped = false;
  let recording = false;
  const look = async (): Promise<void> => {
    const now = await runningDoor(dataFolder, TOKEN_MS)
      .then((door) => door.call('state.get', {}))
      .then((state) => state.session !== null)
      // No appliance is running, so nothing is recorded.
      .catch(() => false);
    if (stopped) return;
    if (now !== recording) onChange(now);
    recording = now;
    timer = setTimeout(() => void look(), LOOK_MS);
  };
  let timer = setTimeout(() => void look(), 0);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
