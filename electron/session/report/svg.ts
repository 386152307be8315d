/** Plots as inline SVG: no scripts or files, colours from the page's style. */

const WIDTH = 900;
const LEFT = 64;
const RIGHT = 14;

export const htmlText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Session time on the horizontal axis. */
interface Axis {
  at: (seconds: number) => number;
  ticks: { x: number; text: string }[];
  unit: string;
}

function timeAxis(lengthS: number): Axis {
  const most = Math.max(lengthS, 1);
  const [divisor, unit] = most > 7200 ? [3600, 'h'] : most > 180 ? [60, 'min'] : [1, 's'];
  const at = (seconds: number): number => LEFT + (Math.max(0, Math.min(most, seconds)) / most) * (WIDTH - LEFT - RIGHT);
  const ticks = niceTicks(0, most / divisor, 8).map((value) => ({ x: at(value * divisor), text: numberText(value) }));
  return { at, ticks, unit };
}

export interface Plot {
  title: string;
  unit: string;
  lengthS: number;
  /** A filled band, lowest and highest at each time. */
  band?: readonly { atS: number; low: number; high: number }[];
  /** Vertical lines, each from low to high. */
  bars?: readonly { atS: number; low: number; high: number }[];
  /** Thin vertical lines behind the dots; they do not extend the axis. */
  reach?: readonly { atS: number; low: number; high: number }[];
  dots?: readonly { atS: number; y: number }[];
}

/** The vertical axis covers 0 and all but the outermost hundredth; values beyond are drawn at the edge. */
export function plotSvg({ title, unit, lengthS, band = [], bars = [], reach = [], dots = [] }: Plot): string {
  const height = 200;
  const [top, bottom] = [12, 34];
  const axis = timeAxis(lengthS);
  const values = [...band, ...bars].flatMap(({ low, high }) => [low, high]).concat(dots.map(({ y }) => y));
  const { low, high, ticks } = valueAxis(values);
  const y = (value: number): number =>
    top + ((high - Math.max(low, Math.min(high, value))) / (high - low)) * (height - top - bottom);
  const at = (seconds: number, value: number): string => `${axis.at(seconds).toFixed(1)},${y(value).toFixed(1)}`;
  const outline = [...band.map((p) => at(p.atS, p.high)), ...band.toReversed().map((p) => at(p.atS, p.low))].join(' ');
  const marks = [
    ...ticks.map((value) => grid(y(value), numberText(value))),
    ...axis.ticks.map(
      ({ x, text }) => `<text class="tick" x="${x.toFixed(1)}" y="${height - 18}" text-anchor="middle">${text}</text>`,
    ),
    band.length > 0 ? `<polygon class="band" points="${outline}"/>` : '',
    ...reach.map((p) => `<path class="reach" d="M${at(p.atS, p.low)}L${at(p.atS, p.high)}"/>`),
    ...bars.map((p) => `<path class="bar" d="M${at(p.atS, p.low)}L${at(p.atS, p.high)}"/>`),
    ...dots.map((p) => `<circle class="dot" cx="${axis.at(p.atS).toFixed(1)}" cy="${y(p.y).toFixed(1)}" r="2"/>`),
  ].join('');
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${htmlText(title)}">${marks}<text class="unit" x="${WIDTH - RIGHT}" y="${height - 3}" text-anchor="end">session time, ${axis.unit}</text><text class="unit" x="14" y="${(height - bottom + top) / 2}" text-anchor="middle" transform="rotate(-90 14 ${(height - bottom + top) / 2})">${htmlText(unit)}</text></svg>`;
}

const grid = (y: number, text: string): string =>
  `<path class="grid" d="M${LEFT} ${y.toFixed(1)}H${WIDTH - RIGHT}"/><text class="tick" x="${LEFT - 6}" y="${(y + 4).toFixed(1)}" text-anchor="end">${text}</text>`;

function valueAxis(values: readonly number[]): { low: number; high: number; ticks: number[] } {
  const sorted = Float64Array.from(values).sort();
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
  const [least, most] = [Math.min(0, at(0.005)), Math.max(0, at(0.995))];
  const room = Math.max((most - least) * 0.08, 1e-3);
  const ticks = niceTicks(least - (least < 0 ? room : 0), most + room, 5);
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  return { low: Math.min(least - (least < 0 ? room : 0), 0), high: Math.max(most + room, step), ticks };
}

/** Round values within [from, to]. */
function niceTicks(from: number, to: number, about: number): number[] {
  const raw = (to - from) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const ticks: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i += 1) ticks.push(i * step);
  return ticks;
}

const numberText = (value: number): string => String(Number(value.toPrecision(6)));

export interface Lane {
  label: string;
  fromS: number | null;
  toS: number | null;
  gaps: readonly { fromS: number | null; toS: number | null; cause: string }[];
}

/** One lane per stream: when it delivered, and where it has gaps. */
export function lanesSvg(lanes: readonly Lane[], lengthS: number): string {
  const [lane, left, bottom] = [20, 190, 34];
  const height = lanes.length * lane + bottom;
  const axis = timeAxis(lengthS);
  const x = (seconds: number): number =>
    left + ((axis.at(seconds) - LEFT) / (WIDTH - LEFT - RIGHT)) * (WIDTH - left - RIGHT);
  const rows = lanes.map(({ label, fromS, toS, gaps }, i) => {
    const y = i * lane + 4;
    const name = label.length > 26 ? `${label.slice(0, 25)}…` : label;
    const bar = (from: number, to: number, kind: string): string =>
      `<rect class="${kind}" x="${x(from).toFixed(1)}" y="${y}" width="${Math.max(kind === 'gap' ? 1.5 : 0, x(to) - x(from)).toFixed(1)}" height="12"/>`;
    const holes = gaps.flatMap((gap) => (gap.fromS === null ? [] : bar(gap.fromS, gap.toS ?? lengthS, 'gap')));
    return `<text class="tick" x="${left - 8}" y="${y + 10}" text-anchor="end">${htmlText(name)}</text>${fromS === null || toS === null ? '' : bar(fromS, toS, 'there')}${holes.join('')}`;
  });
  const ticks = niceTicks(0, Math.max(lengthS, 1) / divisorOf(axis.unit), 8).map((value) => {
    const at = x(value * divisorOf(axis.unit)).toFixed(1);
    return `<path class="grid" d="M${at} 0V${height - bottom}"/><text class="tick" x="${at}" y="${height - 18}" text-anchor="middle">${numberText(value)}</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="When each stream delivered, and its gaps">${ticks.join('')}${rows.join('')}<text class="unit" x="${WIDTH - RIGHT}" y="${height - 3}" text-anchor="end">session time, ${axis.unit}</text></svg>`;
}

const divisorOf = (unit: string): number => (unit === 'h' ? 3600 : unit === 'min' ? 60 : 1);
