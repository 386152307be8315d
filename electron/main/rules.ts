/** Permissions as pure functions: only the app's own pages get any, and each only those it needs. */
import { type IpcCallName, ipcCalls, type WindowName } from '../common/ipc.ts';

export const APP_HOST_ORIGIN = 'app://fieldroom';

/** The sender of a request. */
export interface Asker {
  /** The window, or null if it is not ours. */
  window: WindowName | null;
  /** Address of the requesting frame. */
  url: string;
  mainFrame: boolean;
}

export function isOwnPage(url: string): boolean {
  return url === APP_HOST_ORIGIN || url.startsWith(`${APP_HOST_ORIGIN}/`);
}

export const isCapturePage = (url: string): boolean => url === `${APP_HOST_ORIGIN}/capture.html`;

/** Permissions of the capture window; no other window has any. Names are Chromium's. */
const CAPTURE_PERMISSIONS: ReadonlySet<string> = new Set(['media', 'display-capture']);
/** Newer Chromium versions ask before a page connects to 127.0.0.1, where every window of ours connects to the door. */
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

/** Requests that a page may send: for its own files, to the door and LiveKit on loopback, and for its own blobs and data. */
export function mayRequest(url: string, devServer: string | undefined): boolean {
  if (/^(?:data|blob|devtools):/.test(url) || isOwnPage(url)) return true;
  if (devServer !== undefined && url.startsWith(devServer)) return true;
  return /^(?:http|ws):\/\/127\.0\.0\.1(?::\d+)?\//.test(url);
}
