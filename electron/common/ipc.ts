/**
 * Electron's own IPC, as one table that both sides import. It carries only what needs Electron: the door's address,
 * dialogs, the file manager, the choice of a screen. Everything else goes through the door.
 *
 *   window ── `fieldroom:<call>` ─▶ main: sender, then schema, then the work ─▶ `{ok, value}` or `{ok, error}`
 *   main   ── `fieldroom:<event>` ─▶ window
 */
import { z } from 'zod';
import { destinationKeysSchema } from './destinations.ts';
import { errorReportSchema } from './errors.ts';
import { kitSchema } from './kit.ts';
import { idSchema } from './stream.ts';

/** The app's windows. Each has its own role at the door, and only the calls that list it. */
export const windowNameSchema = z.enum(['operator', 'capture']);
export type WindowName = z.infer<typeof windowNameSchema>;

const nothing = z.strictObject({});
const doorAddressSchema = z.strictObject({ url: z.string(), token: z.string() });
/**
 * `safe`: encrypted by the system's keyring; `memory`: there is no keyring, so they must be entered again after each
 * start.
 */
const keyPlaceSchema = z.enum(['safe', 'memory']);
export type KeyPlace = z.infer<typeof keyPlaceSchema>;
/**
 * An error of the app itself that the door cannot report: the recorder does not start, or the kit on the command line
 * is invalid.
 */
const problemsSchema = z.array(errorReportSchema);

interface IpcCall {
  windows: readonly WindowName[];
  input: z.ZodType;
  output: z.ZodType;
}
const call = <I extends z.ZodType, O extends z.ZodType>(windows: readonly WindowName[], input: I, output: O) =>
  ({ windows, input, output }) satisfies IpcCall;

export const ipcCalls = {
  /** Address and token of the asking window's role; answered as soon as the recorder is running. */
  door: call(['operator', 'capture'], nothing, doorAddressSchema),
  /** Current errors of the app itself. */
  problems: call(['operator'], nothing, problemsSchema),
  /** Shows a folder in the system's file manager: one of the data folder, or one that a person chose. */
  openFolder: call(['operator'], z.strictObject({ path: z.string().min(1).max(4096) }), nothing),
  /** Lets a person pick the folder of a session, anywhere; null: cancelled. */
  chooseSession: call(['operator'], nothing, z.strictObject({ folder: z.string() }).nullable()),
  /** Shows the timing report of a session (`timing.html` in its folder) in the system's browser. */
  openReport: call(['operator'], z.strictObject({ folder: z.string().min(1).max(4096) }), nothing),
  /** Lets a person pick a kit file; null: cancelled. */
  chooseKit: call(
    ['operator'],
    nothing,
    z.strictObject({ kit: kitSchema, path: z.string(), grant: z.string() }).nullable(),
  ),
  /** Lets a person choose a file, and writes the kit there. */
  exportKit: call(['operator'], z.strictObject({ kit: kitSchema }), z.strictObject({ written: z.boolean() })),
  /** Whether the app is started when the user logs in; `on` changes it. Returns the current setting. */
  autoStart: call(['operator'], z.strictObject({ on: z.boolean().optional() }), z.strictObject({ on: z.boolean() })),
  /** Where this system stores keys of upload destinations. */
  keyPlace: call(['operator'], nothing, keyPlaceSchema),
  /** Stores the keys of a destination and sends them to the recorder; null: deletes them. They are never returned. */
  keepKeys: call(
    ['operator'],
    z.strictObject({ id: idSchema, keys: destinationKeysSchema.nullable() }),
    z.strictObject({ kept: keyPlaceSchema }),
  ),
  /** Lets a person pick the folder that sessions are copied to, or a certificate file; null: cancelled. */
  choosePath: call(
    ['operator'],
    z.strictObject({ what: z.enum(['folder', 'certificate']) }),
    z.strictObject({ path: z.string() }).nullable(),
  ),
  /**
   * Sets which screen the next `getDisplayMedia` of the capture window gets ('' or unknown: the first), and gives that
   * window the user activation which Chromium asks for.
   */
  chooseScreen: call(
    ['capture'],
    z.strictObject({ name: z.string().max(300) }),
    z.strictObject({ chosen: z.string().nullable(), screens: z.array(z.string()) }),
  ),
  /** Names of the screens, as `chooseScreen` knows them. Does not capture, so the system shows no permission prompt. */
  screenNames: call(['capture'], nothing, z.array(z.string())),
  /** Gives the capture window the user activation that `requestDevice` asks for; the list comes as `bluetoothFound`. */
  searchBluetooth: call(['capture'], nothing, nothing),
  /** Answers the search: a device of the list, or '' to end it. */
  pickBluetooth: call(['capture'], z.strictObject({ deviceId: z.string().max(300) }), nothing),
} as const;

export type IpcCallName = keyof typeof ipcCalls;
export type IpcInput<N extends IpcCallName> = z.input<(typeof ipcCalls)[N]['input']>;
export type IpcOutput<N extends IpcCallName> = z.output<(typeof ipcCalls)[N]['output']>;

export const ipcEvents = {
  /** The recorder was restarted and has a new address or new tokens. */
  doorChanged: doorAddressSchema,
  problemsChanged: problemsSchema,
  /** The shortcut was pressed during a recording: the window asks whether to stop. */
  stopAsked: nothing,
  /** Bluetooth devices found by the search, the complete list; capture window only. */
  bluetoothFound: z.array(z.strictObject({ id: z.string(), name: z.string() })),
} as const;

export type IpcEventName = keyof typeof ipcEvents;
export type IpcEvent<N extends IpcEventName> = z.output<(typeof ipcEvents)[N]>;

export const ipcChannel = (name: IpcCallName | IpcEventName): string => `fieldroom:${name}`;

/** Main's answer to a call. */
export const ipcReplySchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ ok: z.literal(false), error: errorReportSchema }),
]);
export type IpcReply = z.infer<typeof ipcReplySchema>;

/** The API that a page has as `window.fieldroom`. Calls reject with an error whose `message` can be shown. */
export interface FieldroomBridge {
  door(): Promise<IpcOutput<'door'>>;
  /** Calls back with each new address after the first; returns the unsubscribe. */
  onDoor(callback: (door: IpcEvent<'doorChanged'>) => void): () => void;
  problems(): Promise<IpcOutput<'problems'>>;
  onProblems(callback: (problems: IpcEvent<'problemsChanged'>) => void): () => void;
  onStopAsked(callback: () => void): () => void;
  /** Operator window only. */
  openFolder(path: string): Promise<void>;
  /** Operator window only; replies as `chooseKit` does. */
  chooseSession(): Promise<
    { ok: true; value: IpcOutput<'chooseSession'> } | { ok: false; error: z.infer<typeof errorReportSchema> }
  >;
  /** Operator window only. */
  openReport(folder: string): Promise<void>;
  /** Operator window only; the reply carries an error report instead of throwing, so that its next step is kept. */
  chooseKit(): Promise<
    { ok: true; value: IpcOutput<'chooseKit'> } | { ok: false; error: z.infer<typeof errorReportSchema> }
  >;
  /** Operator window only; without `on` it only returns the setting. */
  autoStart(on?: boolean): Promise<IpcOutput<'autoStart'>>;
  /** Operator window only, as are the next two. */
  keyPlace(): Promise<IpcOutput<'keyPlace'>>;
  keepKeys(
    input: IpcInput<'keepKeys'>,
  ): Promise<{ ok: true; value: IpcOutput<'keepKeys'> } | { ok: false; error: z.infer<typeof errorReportSchema> }>;
  choosePath(what: IpcInput<'choosePath'>['what']): Promise<IpcOutput<'choosePath'>>;
  /** Capture window only, and only on request of a bench: the clock error to simulate for a microphone. */
  readonly microphoneDriftPpm?: Readonly<Record<string, number>>;
  /** Operator window only; `written` is false when it was cancelled. */
  exportKit(
    kit: IpcInput<'exportKit'>['kit'],
  ): Promise<{ ok: true; value: IpcOutput<'exportKit'> } | { ok: false; error: z.infer<typeof errorReportSchema> }>;
  /** Capture window only. */
  chooseScreen(name: string): Promise<IpcOutput<'chooseScreen'>>;
  /** Capture window only. */
  screenNames(): Promise<IpcOutput<'screenNames'>>;
  /** Capture window only, as are the next two. */
  searchBluetooth(): Promise<IpcOutput<'searchBluetooth'>>;
  pickBluetooth(deviceId: string): Promise<IpcOutput<'pickBluetooth'>>;
  onBluetoothFound(callback: (devices: IpcEvent<'bluetoothFound'>) => void): () => void;
}
