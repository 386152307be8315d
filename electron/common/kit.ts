/**
 * A kit: the one file a technician writes (or the wizard saves). It names the sources of a classroom, how each device
 * is found again, and its settings. Short by hand: everything but `name`, and each source's `id` and `kind`, has a default.
 */
import { z } from 'zod';
import { fieldroomError } from './errors.ts';
import { idSchema, newIdSchema, participantSchema } from './stream.ts';

export const KIT_VERSION = 1;

/**
 * How a device is found: the serial number first, then vendor and product, then port location, then path. All given
 * ones must match.
 */
export const matchSchema = z.strictObject({
  serialNumber: z.string().min(1).optional(),
  /** Four hex digits, as USB ids are written. */
  vendorId: z
    .string()
    .regex(/^[0-9a-fA-F]{4}$/, 'must be four hex digits')
    .optional(),
  productId: z
    .string()
    .regex(/^[0-9a-fA-F]{4}$/, 'must be four hex digits')
    .optional(),
  /** The system's name; for cameras and microphones the whole label or a part of it. */
  label: z.string().min(1).optional(),
  /** The system's name of the port it is connected to: for devices without a serial number. */
  place: z.string().min(1).max(200).optional(),
  /** A port or device path: `/dev/ttyACM0`, `COM3`; `tcp://host:port` or `emulator:NAME` where a driver takes it. */
  path: z.string().min(1).optional(),
});
export type Match = z.infer<typeof matchSchema>;

const sourceCommon = {
  id: newIdSchema,
  match: matchSchema.default({}),
  label: z.string().max(200).default(''),
  /** Its position in the room: `Table 3, left`. */
  place: z.string().max(200).default(''),
  /** Pseudonym of the participant who wears or uses it. */
  participant: participantSchema.optional(),
};

export const cameraSettingsSchema = z.strictObject({
  width: z.number().int().min(16).max(7680).default(1280),
  height: z.number().int().min(16).max(4320).default(720),
  frameRate: z.number().min(1).max(120).default(30),
  /** `h264` is read by every tool; the others are smaller and cost more. */
  codec: z.enum(['h264', 'vp8', 'vp9', 'av1']).default('h264'),
  /** Bits per second of the recording; default by size: 2 Mbit/s at 720p30. */
  bitrate: z.number().int().min(50_000).max(50_000_000).optional(),
});
export const microphoneSettingsSchema = z.strictObject({
  codec: z.enum(['opus', 'pcm']).default('opus'),
  /** Channels to record; absent: the device's own, at most two. */
  channels: z.union([z.literal(1), z.literal(2)]).optional(),
  /** One of two inputs (two lavaliers in one jack), or all. */
  input: z.enum(['all', 'left', 'right']).default('all'),
  bitrate: z.number().int().min(6_000).max(510_000).default(64_000),
});

const camera = z.strictObject({
  kind: z.literal('camera'),
  ...sourceCommon,
  driver: z.enum(['webcam', 'simulated']).default('webcam'),
  settings: cameraSettingsSchema.prefault({}),
});
const microphone = z.strictObject({
  kind: z.literal('microphone'),
  ...sourceCommon,
  driver: z.enum(['microphone', 'simulated']).default('microphone'),
  settings: microphoneSettingsSchema.prefault({}),
});
const screen = z.strictObject({
  kind: z.literal('screen'),
  ...sourceCommon,
  driver: z.literal('screen').default('screen'),
  settings: cameraSettingsSchema.prefault({}),
});
/** A sensor's settings are checked by its driver, which the device host knows. */
const sensor = <K extends string>(kind: K) =>
  z.strictObject({
    kind: z.literal(kind),
    ...sourceCommon,
    driver: idSchema,
    settings: z.record(z.string(), z.unknown()).default({}),
  });

export const sourceSchema = z.discriminatedUnion('kind', [
  camera,
  microphone,
  screen,
  sensor('serial'),
  sensor('hid'),
  sensor('mqtt'),
  sensor('tcp'),
  sensor('udp'),
  sensor('ble'),
]);
export type Source = z.infer<typeof sourceSchema>;
export type CameraSource = Extract<Source, { kind: 'camera' }>;
export type MicrophoneSource = Extract<Source, { kind: 'microphone' }>;
export type ScreenSource = Extract<Source, { kind: 'screen' }>;
export type MediaSource = CameraSource | MicrophoneSource | ScreenSource;
export type SensorSource = Exclude<Source, MediaSource>;

export const isMediaSource = (source: Source): source is MediaSource =>
  source.kind === 'camera' || source.kind === 'microphone' || source.kind === 'screen';

/** True for simulated devices: a simulated camera or microphone, an emulated sensor. */
export const isSimulated = ({ driver, match }: { driver: string; match: Match }): boolean =>
  driver === 'simulated' || match.path?.startsWith('emulator:') === true;

/** Values of `live` in earlier versions, when live pictures had a separate size. */
const LIVE_SIZES: readonly unknown[] = ['small', 'preview', 'full'];

const TRIAL_PREFIX = 'try-';

/** True for a device on trial (`trial.ts`): opened only for viewing, in no kit and no session. */
export const isTrial = (sourceId: string): boolean => sourceId.startsWith(TRIAL_PREFIX);

/** @param mark distinguishes it from others of its kind */
export const trialId = (kind: string, mark: string): string => `${TRIAL_PREFIX}${kind}-${mark}`;

export const kitSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(KIT_VERSION).default(KIT_VERSION),
    name: z.string().min(1).max(120),
    /** Defaults for sessions recorded with this kit. */
    study: newIdSchema.default('default'),
    /**
     * Whether the sources are shown in the live room, as they are recorded. Kits of earlier versions contain a size.
     */
    live: z.preprocess((live) => (LIVE_SIZES.includes(live) ? 'on' : live), z.enum(['off', 'on']).default('on')),
    sources: z.array(sourceSchema).min(1).max(256),
  })
  .superRefine((kit, context) => {
    const seen = new Map<string, number>();
    kit.sources.forEach((source, index) => {
      if (isTrial(source.id))
        context.addIssue({
          code: 'custom',
          path: ['sources', index, 'id'],
          message: `begins with "${TRIAL_PREFIX}", which is kept for devices that are only looked at`,
        });
      const before = seen.get(source.id);
      if (before === undefined) seen.set(source.id, index);
      else
        context.addIssue({
          code: 'custom',
          path: ['sources', index, 'id'],
          message: `"${source.id}" is the id of sources[${before}] already`,
        });
    });
  });
export type Kit = z.infer<typeof kitSchema>;

/**
 * Reads a kit from its text.
 * @param name the file's name, for the error.
 * @throws FieldroomError `kit.not-json`, `kit.newer`, or `kit.invalid` whose message lists every error with its path in the file.
 */
export function parseKit(text: string, name: string): Kit {
  let json: unknown;
  try {
    // Editors on Windows begin a file with a byte order mark.
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw fieldroomError('kit.not-json', { name, message: (cause as Error).message }, { cause });
  }
  const version = (json as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > KIT_VERSION) {
    throw fieldroomError('kit.newer', { name, version, KITVERSION: KIT_VERSION });
  }
  const result = kitSchema.safeParse(json);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${pathInFile(issue.path)}: ${issue.message}`);
  throw fieldroomError(
    'kit.invalid',
    { name, detail: faults.length === 1 ? 'a fault' : `${faults.length} faults`, detail2: faults.join('; ') },
    { data: { faults } },
  );
}

function pathInFile(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file';
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

/**
 * Settings whose value is a secret, by the end of their name: they stay in the kit and are never written to a session,
 * log or error.
 */
const SECRET_NAME = /(key|password|secret|token)$/i;

export const HIDDEN = '[secret]';

/** The kit as stored in a session's files: secrets are replaced by `[secret]`. */
export function withoutSecrets(kit: Kit): Kit {
  const hide = (settings: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [name, SECRET_NAME.test(name) && value !== '' ? HIDDEN : value]),
    );
  const sources = kit.sources.map((source) =>
    isMediaSource(source) ? source : { ...source, settings: hide(source.settings) },
  );
  return { ...kit, sources };
}
