/**
 * Position of an emulated tag at step `n`: a person walking around the tables of a room of 10.5 by 6 m. The whole path
 * is a function of the counter alone, so that a test knows every position that was ever sent.
 */

export interface Step {
  /** Whole millimetres. */
  x: number;
  y: number;
  z: number;
  /** Viewing direction: 0 to 360 degrees from the x axis, counter-clockwise. */
  headingDeg: number;
}

/** The anchors of the demo room (those of sensor-protocols 1.5, mounted upright). */
export const ROOM_ANCHORS = [
  { id: '0xA001', x: 0, y: 0, z: 2790 },
  { id: '0xA002', x: 10_490, y: 0, z: 2790 },
  { id: '0xA003', x: 10_490, y: 6000, z: 2790 },
  { id: '0xA004', x: 0, y: 6000, z: 2790 },
] as const;

/**
 * Closed paths between the tables, mm. Each walker takes one; the third takes the first again, a good third of a round
 * ahead.
 */
const WAYS: readonly (readonly [number, number])[][] = [
  [
    [1200, 1000],
    [4200, 1000],
    [4200, 3000],
    [6300, 3000],
    [6300, 1000],
    [9300, 1000],
    [9300, 5000],
    [1200, 5000],
  ],
  [
    [2000, 2000],
    [8500, 2000],
    [8500, 4200],
    [5200, 4200],
    [5200, 5200],
    [2000, 5200],
  ],
];
const HEIGHT_MM = 1050;
/** The head moves up and down with the steps. */
const BOB_MM = [0, 8, 16, 20, 16, 8] as const;
/** A stroll: 0.8 m/s at the gateway's 12.9 positions a second (1.8). */
export const STEP_MM = 62;

/** @param walker 0, 1, ...: index of the person; @param n the counter of positions, 0, 1, ... */
export function walk(walker: number, n: number, stepMm = STEP_MM): Step {
  const way = WAYS[walker % WAYS.length] ?? [];
  const legs = way.map((from, i) => {
    const to = way[(i + 1) % way.length] ?? from;
    return {
      from,
      dx: Math.sign(to[0] - from[0]),
      dy: Math.sign(to[1] - from[1]),
      length: Math.abs(to[0] - from[0]) + Math.abs(to[1] - from[1]),
    };
  });
  const round = legs.reduce((sum, leg) => sum + leg.length, 0);
  let rest = (n * stepMm + Math.floor(walker / WAYS.length) * Math.floor(round * 0.382)) % round;
  for (const { from, dx, dy, length } of legs) {
    if (rest < length) {
      const headingDeg = dx > 0 ? 0 : dx < 0 ? 180 : dy > 0 ? 90 : 270;
      return {
        x: from[0] + dx * rest,
        y: from[1] + dy * rest,
        z: HEIGHT_MM + (BOB_MM[n % BOB_MM.length] ?? 0),
        headingDeg,
      };
    }
    rest -= length;
  }
  throw new RangeError(`no step ${n} of walker ${walker}`);
}
