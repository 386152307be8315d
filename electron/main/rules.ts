/** Who may do what, as pure functions: the app's own pages, and of them only what each needs. */
import { type IpcCallName, ipcCalls, type WindowName } from '../common/ipc.ts';

export const APP_HOST_ORIGIN = 'app://fieldroom';

/** What is known of who asks. */
export interface Asker {
  /** The window, or null when it is none of ours. */
  window: WindowName | null;
  /** Address of the frame that asks. */
  url: string;
  mainFrame: boolean;
}

export function isOwnPage(url: string): boolean {
  return url === APP_HOST_ORIGIN || url.startsWith(`${APP_HOST_ORIGIN}/`);
}

export const isCapturePage = (url: string): boolean => url === `${APP_HOST_ORIGIN}/capture.html`;

/** Permissions of the capture window; no other window has any. Names as Chromium gives them. */
const CAPTURE_PERMISSIONS: ReadonlySet<string> = new Set(['media', 'display-capture']);
/** Newer Chromium asks before a page talks to 127.0.0.1: every window of ours talks to the door there. */
const LOOPBACK_PERMISSIONS: ReadonlySet<string> = new Set(['loopback-network', 'local-network-access']);

export function maySee(permission: string, asker: Asker): boolean {
  if (asker.window === null || !isOwnPage(asker.url)) return false;
  if (LOOPBACK_PERMISSIONS.has(permission)) return true;
  return asker.window === 'capture' && CAPTURE_PERMISSIONS.has(permission);
}

export function mayCall(name: IpcCallName, asker: Asker): boolean {
  return (
    asker.window !== null &&
    asker.mainFrame &&
    isOwnPage(asker.url) &&
    (ipcCalls[name].windows as readonly WindowName[]).includes(asker.window)
  );
}

/** Requests that may leave a page at all: its own files, the door and LiveKit on loopback, what it made itself. */
export function mayRequest(url: string, devServer: string | undefined): boolean {
  if (/^(?:data|blob|devtools):/.test(url) || isOwnPage(url)) return true;
  if (devServer !== undefined && url.startsWith(devServer)) return true;
  return /^(?:http|ws):\/\/127\.0\.0\.1(?::\d+)?\//.test(url);
}
