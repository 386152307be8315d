/**
 * The bridge: a few named functions, the same for every window. Main refuses calls that the calling window may not make,
 * so nothing is hidden here. It runs sandboxed, with only `contextBridge` and `ipcRenderer` from Electron.
 */
import { contextBridge, ipcRenderer } from 'electron';
import {
  type FieldroomBridge,
  type IpcCallName,
  type IpcEvent,
  type IpcEventName,
  type IpcInput,
  type IpcOutput,
  type IpcReply,
  ipcChannel,
} from '../common/ipc.ts';

/** See `rehearsal.ts` of main. */
const DRIFT = '--microphone-drift-ppm=';

const ask = (name: IpcCallName, input: unknown): Promise<IpcReply> =>
  ipcRenderer.invoke(ipcChannel(name), input) as Promise<IpcReply>;

async function call<N extends IpcCallName>(name: N, input: IpcInput<N>): Promise<IpcOutput<N>> {
  const reply = await ask(name, input);
  // Of an Error only the message crosses the bridge.
  if (!reply.ok) throw new Error(reply.error.message);
  return reply.value as IpcOutput<N>;
}

function on<N extends IpcEventName>(name: N, callback: (event: IpcEvent<N>) => void): () => void {
  const listener = (_: unknown, event: IpcEvent<N>): void => callback(event);
  ipcRenderer.on(ipcChannel(name), listener);
  return () => ipcRenderer.removeListener(ipcChannel(name), listener);
}

const drift = process.argv.find((word) => word.startsWith(DRIFT))?.slice(DRIFT.length);
const driftOf = (asked: string): Record<string, number> =>
  Object.fromEntries(
    asked
      .split(',')
      .map((one) => one.split('='))
      .map(([source, ppm]) => [source, Number(ppm)]),
  );

const bridge: FieldroomBridge = {
  door: () => call('door', {}),
  onDoor: (callback) => on('doorChanged', callback),
  problems: () => call('problems', {}),
  onProblems: (callback) => on('problemsChanged', callback),
  onStopAsked: (callback) => on('stopAsked', callback),
  openFolder: async (path) => void (await call('openFolder', { path })),
  chooseSession: () => ask('chooseSession', {}) as ReturnType<FieldroomBridge['chooseSession']>,
  openReport: async (folder) => void (await call('openReport', { folder })),
  chooseKit: () => ask('chooseKit', {}) as ReturnType<FieldroomBridge['chooseKit']>,
  autoStart: (on) => call('autoStart', on === undefined ? {} : { on }),
  keyPlace: () => call('keyPlace', {}),
  keepKeys: (input) => ask('keepKeys', input) as ReturnType<FieldroomBridge['keepKeys']>,
  choosePath: (what) => call('choosePath', { what }),
  ...(drift === undefined ? {} : { microphoneDriftPpm: driftOf(drift) }),
  exportKit: (kit) => ask('exportKit', { kit }) as ReturnType<FieldroomBridge['exportKit']>,
  chooseScreen: (name) => call('chooseScreen', { name }),
  screenNames: () => call('screenNames', {}),
  searchBluetooth: () => call('searchBluetooth', {}),
  pickBluetooth: (deviceId) => call('pickBluetooth', { deviceId }),
  onBluetoothFound: (callback) => on('bluetoothFound', callback),
};

contextBridge.exposeInMainWorld('fieldroom', bridge);
