/** Handles every call from the windows: checks the sender, then the schema, then does the work. */
import { ipcMain, type WebContents } from 'electron';
import { reportOf } from '../common/errors.ts';
import {
  type IpcCallName,
  type IpcInput,
  type IpcOutput,
  type IpcReply,
  ipcCalls,
  ipcChannel,
  type WindowName,
} from '../common/ipc.ts';
import type { Log } from './log.ts';
import { type Asker, mayCall } from './rules.ts';

/** The handler of each call. `window` is the caller. */
export type IpcWork = {
  [N in IpcCallName]: (
    input: IpcInput<N>,
    window: WindowName,
    contents: WebContents,
  ) => IpcOutput<N> | Promise<IpcOutput<N>>;
};

export function registerIpc(work: IpcWork, windowOf: (contents: WebContents) => WindowName | null, log: Log): void {
  for (const name of Object.keys(ipcCalls) as IpcCallName[]) {
    ipcMain.handle(ipcChannel(name), async (event, input: unknown): Promise<IpcReply> => {
      const asker: Asker = {
        window: windowOf(event.sender),
        url: event.senderFrame?.url ?? '',
        mainFrame: event.senderFrame === event.sender.mainFrame,
      };
      if (asker.window === null || !mayCall(name, asker)) {
        log('warn', 'call refused', { name, window: asker.window, url: asker.url.slice(0, 200) });
        return { ok: false, error: { code: 'app.call-refused', message: `This window may not ask for "${name}".` } };
      }
      return answer(name, input, work, asker.window, event.sender);
    });
  }
}

async function answer(
  name: IpcCallName,
  input: unknown,
  work: IpcWork,
  window: WindowName,
  contents: WebContents,
): Promise<IpcReply> {
  const parsed = ipcCalls[name].input.safeParse(input);
  if (!parsed.success)
    return {
      ok: false,
      error: { code: 'app.bad-call', message: `The call "${name}" has invalid input.` },
    };
  try {
    const run = work[name] as (input: unknown, window: WindowName, contents: WebContents) => unknown;
    return { ok: true, value: await run(parsed.data, window, contents) };
  } catch (error) {
    return { ok: false, error: reportOf(error) };
  }
}
