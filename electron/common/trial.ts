/**
 * A device on trial: a person setting up a kit sees its picture, level or values before it is in the kit, or before
 * choosing one of two identical devices. It is opened like a source, but in no session and no live view.
 */
import { crc32 } from './crc32.ts';
import { type Source, sourceSchema, trialId } from './kit.ts';

export interface TrialDevice {
  kind: string;
  match: Readonly<Record<string, unknown>>;
  label: string;
  /** Of a sensor. */
  driver?: string | undefined;
}

/** A Bluetooth strap accepts only one connection: viewing it would block the recording. */
export const canBeTried = ({ kind }: Pick<TrialDevice, 'kind'>): boolean => kind !== 'ble';

/** Enough to recognise it; several may share a hub with the kit's cameras. */
const PICTURE = { width: 640, height: 360, frameRate: 10 };

/** The same for all matches of one device: a unique camera is the first with its name. */
export function deviceMark({ kind, match, driver }: Omit<TrialDevice, 'label'>): string {
  const whole = kind === 'camera' || kind === 'microphone' ? { path: '#1', ...match } : match;
  const sorted = Object.entries(whole).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([kind, sorted, driver]);
}

/** The same device gives the same id. @throws if no kit could match such a device */
export function trialOf({ kind, match, label, driver }: TrialDevice): Source {
  const mark = crc32(new TextEncoder().encode(deviceMark({ kind, match, driver }))).toString(16);
  return sourceSchema.parse({
    id: trialId(kind, mark),
    kind,
    match,
    label: label.slice(0, 200),
    ...(kind === 'camera' || kind === 'screen' ? { settings: PICTURE } : {}),
    ...(driver === undefined ? {} : { driver }),
  });
}
