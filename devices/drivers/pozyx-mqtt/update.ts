/** One update of one tag from the gateway's JSON (sensor-protocols 1.10). Everything except `tagId` may be missing. */

export type Num = number | null;

export interface TagUpdate {
  type: 'update';
  /** Decimal digits without leading zeros: `27196` is the tag 0x6A3C. */
  tagId: string;
  success: boolean;
  /** Whole microseconds since 1970 by the gateway's clock, when the position was calculated. */
  timestampUs: Num;
  /** x, y, z; a missing or unreadable one has no value. Null: all are missing. */
  position: readonly [Num, Num, Num] | null;
  /** Yaw, roll, pitch. */
  orientation: readonly Num[];
  latencyMs: Num;
  updateHz: Num;
  successHz: Num;
  packetLoss: Num;
  /** In the order of `MOTION_CHANNELS`; null if version 2.0's sensors are missing. */
  motion: readonly Num[] | null;
  custom: readonly { name: string; value: number | string }[];
  /** Signal strength per anchor. */
  anchors: readonly { id: string; rssDbm: Num }[];
}

/** Maximum number of entries per update: a classroom has a dozen anchors. */
const MAX_LIST = 64;
/** Microseconds beyond this would not be exact in a float64; no real clock gets there. */
const MAX_SECONDS = 9e9;

type Json = Record<string, unknown>;
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(0, MAX_LIST) : []);
/**
 * A finite number; bridges such as Node-RED send numbers as text. Anything else has no value and does not affect other
 * fields.
 */
function number(value: unknown): Num {
  const read =
    typeof value === 'string' && /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value) ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : null;
}
const numbers = (value: unknown, keys: readonly string[]): Num[] => keys.map((key) => number(object(value)[key]));

const XYZ = ['x', 'y', 'z'] as const;

/** Null if it names no tag. Unknown keys are ignored. */
export function readUpdate(element: unknown): TagUpdate | null {
  const update = object(element);
  const tagId = readId(update.tagId);
  if (tagId === null) return null;
  const data = object(update.data);
  const metrics = object(data.metrics);
  const rates = object(metrics.rates);
  const tagData = object(data.tagData);
  const [x = null, y = null, z = null] = numbers(data.coordinates, XYZ);
  return {
    type: 'update',
    tagId,
    success: update.success !== false,
    timestampUs: readTimestamp(update.timestamp),
    position: x === null && y === null && z === null ? null : [x, y, z],
    orientation: numbers(data.orientation, ['yaw', 'roll', 'pitch']),
    latencyMs: number(metrics.latency),
    updateHz: number(rates.update),
    successHz: number(rates.success),
    packetLoss: number(rates.packetLoss),
    motion: readMotion(tagData),
    custom: list(tagData.customSensors).flatMap((sensor) => readCustom(object(sensor))),
    anchors: list(data.anchorData).flatMap((anchor) => {
      const id = readId(object(anchor).anchorId);
      return id === null ? [] : [{ id, rssDbm: number(object(anchor).rss) }];
    }),
  };
}

/**
 * A decimal string or a number. Leading zeros and other spellings are normalised, or they would open further streams of
 * the same tag.
 */
function readId(value: unknown): string | null {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? String(Number(text)) : null;
}

/** Largest value in seconds, ms and µs that is a time of this millennium in that unit, and the factor to microseconds. */
const SCALES = [
  [MAX_SECONDS, 1e6],
  [MAX_SECONDS * 1e3, 1e3],
  [MAX_SECONDS * 1e6, 1],
] as const;

/**
 * Documented as Unix seconds in a float; bridges send it as text, in milliseconds or as an ISO date. Whole microseconds
 * are exact below 2^53.
 */
function readTimestamp(value: unknown): Num {
  const told = number(value);
  if (told === null) {
    const ms = typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(ms) || ms <= 0 ? null : ms * 1000;
  }
  if (told <= 0) return null;
  const scale = SCALES.find(([most]) => told <= most);
  return scale ? Math.round(told * scale[1]) : null;
}

/** Version 2.0's `tagData`. */
function readMotion(tagData: Json): Num[] | null {
  const motion = [
    number(tagData.blinkIndex),
    ...numbers(tagData.acceleration, XYZ),
    ...numbers(tagData.gyro, XYZ),
    ...numbers(tagData.magnetic, XYZ),
    ...numbers(tagData.eulerAngles, XYZ),
    ...numbers(tagData.quaternion, ['w', ...XYZ]),
    ...numbers(tagData.gravityVector, XYZ),
    number(tagData.pressure),
  ];
  return motion.some((value) => value !== null) ? motion : null;
}

function readCustom({ name, value }: Json): { name: string; value: number | string }[] {
  if (typeof name !== 'string' || name === '') return [];
  if (number(value) === null && typeof value !== 'string') return [];
  return [{ name: name.slice(0, 200), value: value as number | string }];
}
