/**
 * A device on trial: whoever sets up a kit sees its picture, its level or its numbers before it is in the kit, or before it
 * is said which of two identical ones is meant. It is opened as a source is, in no session and on no live layer.
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

/** A Bluetooth strap answers one at a time: whoever only looks would keep it from the recording. */
export const canBeTried = ({ kind }: Pick<TrialDevice, 'kind'>): boolean => kind !== 'ble';

/** Enough to see what it is; several of them share a hub with the cameras of the kit. */
const PICTURE = { width: 640, height: 360, frameRate: 10 };

/** The same for each way to name one device: a camera that no other is like is the first of its name. */
export function deviceMark({ kind, match, driver }: Omit<TrialDevice, 'label'>): string {
  const whole = kind === 'camera' || kind === 'microphone' ? { path: '#1', ...match } : match;
  const sorted = Object.entries(whole).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([kind, sorted, driver]);
}

/** The same device gives the same id. @throws when no kit could name such a device */
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
