/**
 * The timing report as one page: a plain summary first, then the figures. It contains no scripts and loads no other
 * files.
 */
import { groupsOf } from './claims.ts';
import { htmlText, lanesSvg, plotSvg } from './svg.ts';
import type { ClockTiming, Spread, StreamTiming, TimingReport } from './timing.ts';
import { STYLE } from './timingStyle.ts';
import { unitsOf } from './warnings.ts';
import { boundText, lengthText, millisText, momentText } from './words.ts';

/**
 * Maximum streams with plots on the page; for more streams the plots are omitted: their figures are in the tables and
 * in `timing.json`.
 */
const MOST_PLOTS = 24;
const MOST_WORRIES = 60;
const MOST_CLAIMS = 8;

export function timingPage(report: TimingReport): string {
  const { session, lengthS } = report;
  const body = [
    `<h1>Timing of ${htmlText(session.name || session.id)}</h1>`,
    `<p class="soft">Study ${htmlText(session.study)}, session <code>${htmlText(session.id)}</code>, begun ${htmlText(session.startedAt.replace('T', ' ').slice(0, 19))} UTC, ${lengthText(lengthS)} long, recorded by Fieldroom ${htmlText(session.software)}.</p>`,
    session.simulated ? '<ul><li class="warn"><b>SIMULATED DATA.</b> No real device was recorded.</li></ul>' : '',
    claimed(report),
    warnings(report),
    timeline(report),
    streams(report),
    gaps(report),
    clocks(report),
    beats(report),
    method(),
  ].join('\n');
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Timing of ${htmlText(session.id)}</title><style>${STYLE}</style></head>\n<body><main>\n${body}\n</main></body></html>\n`;
}

function claimed({ claims, streams }: TimingReport): string {
  const known = claims.filter(({ withinMs }) => withinMs !== null);
  if (known.length === 0)
    return `<h2>What you may claim</h2><p>${streams.every(({ count }) => count === 0) ? 'Nothing was recorded.' : 'Only one thing was recorded, or it is not known how far its stamps are from what happened: there is nothing to claim.'}</p>`;
  const lines = known.slice(0, MOST_CLAIMS).map(({ a, b, withinMs }) => {
    const pair = a === b ? `the ${htmlText(a)} among each other` : `${htmlText(a)} and ${htmlText(b)}`;
    return `<li class="claim"><b>±${boundText(withinMs ?? 0)}</b> between ${pair}</li>`;
  });
  return `<h2>What you may claim</h2>
<p>How far two times of one moment may be apart. Each figure holds for at least nine of ten pairs of rows; the bound of every row is in the index (<code>early_ns</code>, <code>late_ns</code>). Constant delays before the computer can see the data are not in it.</p>
<ul>${lines.join('')}</ul>
${known.length > MOST_CLAIMS ? matrix(known, streams) : ''}
<p class="soft">What happens before the computer knows of it is not in these figures, for no recorder can see it: a webcam exposes and transfers for some 30 to 100 ms, a serial adapter may hold bytes for up to 16 ms, wireless sensors send in blocks. If it matters, film one event with everything (a clap, a flash) and measure it once.</p>`;
}

function matrix(claims: TimingReport['claims'], streams: readonly StreamTiming[]): string {
  const names = groupsOf(streams).map(({ name }) => name);
  const cell = (a: string, b: string): string => {
    const found = claims.find((claim) => (claim.a === a && claim.b === b) || (claim.a === b && claim.b === a));
    return found?.withinMs == null ? '' : `±${boundText(found.withinMs)}`;
  };
  const rows = names.map((a) => row([htmlText(a), ...names.map((b) => cell(a, b))]));
  return `<details><summary>All pairs</summary>${tableOf(['', ...names.map(htmlText)], rows)}</details>`;
}

function warnings({ warnings: all, streams }: TimingReport): string {
  if (all.length === 0)
    return `<h2>Warnings</h2><p>Nothing was found: ${streams.length === 1 ? 'the stream has' : `all ${streams.length} streams have`} no gap, came at ${streams.length === 1 ? 'its' : 'their'} rate, and the clocks are well known.</p>`;
  const lines = all.slice(0, MOST_WORRIES).map(({ level, text }) => `<li class="${level}">${htmlText(text)}</li>`);
  const more = all.length > MOST_WORRIES ? `<p>And ${all.length - MOST_WORRIES} more, in timing.json.</p>` : '';
  return `<h2>Warnings</h2><ul>${lines.join('')}</ul>${more}`;
}

function timeline({ streams, lengthS }: TimingReport): string {
  if (streams.length === 0) return '';
  const lanes = streams
    .slice(0, 60)
    .map(({ label, firstS, lastS, gaps: of }) => ({ label, fromS: firstS, toS: lastS, gaps: of }));
  return `<h2>What was there, and when</h2><figure>${lanesSvg(lanes, lengthS)}<figcaption>Blue: the stream delivered. Red: a gap (of each stream the ${60} longest are drawn; short ones look wider than they are).</figcaption></figure>`;
}

function streams({ streams: all }: TimingReport): string {
  if (all.length === 0) return '';
  const rows = all.map((s) =>
    row([
      `${htmlText(s.label)}${s.label === s.id ? '' : `<br><code class="soft">${htmlText(s.id)}</code>`}${s.simulated ? '<br><span class="soft">simulated</span>' : ''}`,
      String(s.count),
      rate(s.nominalRateHz),
      rate(s.rateHz),
      rate(s.deliveringRateHz),
      String(s.gapCount),
      s.gapCount === 0 ? '0' : lengthText(s.gapSeconds),
      String(s.missing),
      s.uncertaintyMs ? `±${millisText(s.uncertaintyMs.p95)}` : 'unknown',
      s.stampMs ? `±${millisText(s.stampMs.p95)}` : 'not known',
      s.jitterMs ? `${millisText(s.jitterMs.median)} / ${millisText(s.jitterMs.p95)}` : '',
      drift(s.device),
    ]),
  );
  const heads = [
    'Stream',
    'Count',
    'Rate promised, 1/s',
    'Rate over all',
    'Rate outside gaps',
    'Gaps',
    'In gaps',
    'Missing',
    'Clock known to',
    'Stamps within',
    'Jitter median / 95 %',
    'Device drift, ppm',
  ];
  return `<h2>Streams</h2>${tableOf(heads, rows)}
<p class="soft">Clock known to: for 95 % of the rows the clock's fit leaves at most this open. Stamps within: 95 % of the stamps are within this of what they stamp, by what their publisher saw of its own delays. Jitter: how far single stamps lie from an even beat, where the device promises a rate. Device drift: how much slower (+) or faster (-) the device's own quartz runs than the recorder's clock; it is measured and already corrected in the times of the rows.</p>${sound(all)}`;
}

function sound(all: readonly StreamTiming[]): string {
  const off = all.filter(({ kind, device }) => kind === 'audio' && device && Math.abs(device.wouldBeOffMs ?? 0) >= 1);
  if (off.length === 0) return '';
  return `<p>${off.map(({ label, device }) => `${htmlText(label)} would be ${millisText(Math.abs(device?.wouldBeOffMs ?? 0))} off at the end if its samples were only counted`).join('; ')}. Use the times in the index when you cut sound to pictures.</p>`;
}

function drift(device: StreamTiming['device']): string {
  if (!device) return '';
  if (device.driftPpm === null) return `learned: ${millisText((device.tickNs ?? 0) / 1e6)} a tick`;
  return `${device.driftPpm >= 0 ? '+' : ''}${device.driftPpm.toFixed(1)}`;
}

const rate = (hz: number | null): string => (hz === null ? '' : hz.toFixed(hz >= 100 ? 1 : 2));

function gaps({ streams: all }: TimingReport): string {
  const having = all.filter(({ gapCount }) => gapCount > 0);
  if (having.length === 0) return '';
  const causes = having.flatMap((s) =>
    s.gapsByCause.map((of) =>
      row([
        htmlText(s.label),
        text(htmlText(of.cause)),
        String(of.gaps),
        lengthText(of.seconds),
        lengthText(of.longestS),
        `${of.missing} ${unitsOf(s)}`,
      ]),
    ),
  );
  const longest = having
    .flatMap((s) => s.gaps.map((gap) => ({ ...gap, label: s.label })))
    .filter(({ fromS }) => fromS !== null)
    .sort((a, b) => (a.fromS ?? 0) - (b.fromS ?? 0));
  const lines = longest.map((gap) =>
    row([
      htmlText(gap.label),
      momentText(gap.fromS ?? 0),
      gap.toS === null ? 'the end' : momentText(gap.toS),
      gap.toS === null ? '' : lengthText(gap.toS - (gap.fromS ?? 0)),
      `<td class="text">${htmlText(gap.cause)}${gap.detail ? `<br><span class="soft">${htmlText(gap.detail)}</span>` : ''}</td>`,
      String(gap.missing),
    ]),
  );
  return `<h2>Gaps</h2>${tableOf(['Stream', 'Cause', 'Gaps', 'In all', 'Longest', 'Missing'], causes)}
<details><summary>One by one (${lines.length})</summary>${tableOf(['Stream', 'From', 'To', 'Length', 'Cause', 'Missing'], lines)}</details>`;
}

function clocks({ clocks: all, lengthS, wall }: TimingReport): string {
  const used = all.filter(({ streams: of, waves }) => of.length > 0 || waves > 0);
  const parts = used.slice(0, MOST_PLOTS).map((clock) => clockPart(clock, lengthS));
  const wallText =
    wall.driftPpm === null
      ? ''
      : `<p class="soft">The computer's wall clock ran ${wall.driftPpm >= 0 ? 'faster' : 'slower'} than session time by ${Math.abs(wall.driftPpm).toFixed(1)} ppm. It is only a label.</p>`;
  return `<h2>Clocks</h2><p>Each part that captures has a clock of its own. The recorder asks it the time again and again, and knows that the answer was given between question and arrival.</p>${parts.join('')}${wallText}`;
}

function clockPart(clock: ClockTiming, lengthS: number): string {
  const { publisher, driftPpm, uncertaintyMs, residualMs, roundTripMs } = clock;
  const facts = [
    `${clock.waves} waves, ${clock.probes} exchanges`,
    spread('round trip', roundTripMs),
    driftPpm
      ? `drift ${driftPpm.mean.toFixed(2)} ppm (${driftPpm.least.toFixed(2)} to ${driftPpm.most.toFixed(2)})`
      : '',
    spread('stated uncertainty', uncertaintyMs),
    spread('residual of a wave', residualMs),
    clock.sealed ? '' : 'not fitted over the whole session: the fits made while recording are used',
  ].filter((text) => text !== '');
  const residuals = plotSvg({
    title: `Residuals of ${publisher}`,
    unit: 'ms',
    lengthS,
    band: clock.uncertaintyPlot.map(({ atS, uncertaintyMs: of }) => ({ atS, low: -of, high: of })),
    reach: clock.plot.map(({ atS, residualMs: y, boundMs }) => ({ atS, low: y - boundMs, high: y + boundMs })),
    dots: clock.plot.map(({ atS, residualMs: y }) => ({ atS, y })),
  });
  const figure =
    clock.plot.length === 0
      ? '<p>It was never measured.</p>'
      : `<figure>${residuals}<figcaption>Dots: each wave of questions against the fit; the thin lines: what the wave leaves open. Band: the stated uncertainty.</figcaption></figure>`;
  return `<h3>${htmlText(publisher)}</h3><p class="soft">${htmlText(facts.join('; '))}.<br>Streams: ${htmlText(clock.streams.join(', ') || 'none')}</p>${figure}`;
}

const spread = (name: string, of: Spread | null): string =>
  of ? `${name} ${millisText(of.median)} (95 %: ${millisText(of.p95)}, most: ${millisText(of.most)})` : '';

function beats({ streams: all, lengthS }: TimingReport): string {
  const having = all.filter(({ jitterPlot }) => jitterPlot.length > 0);
  if (having.length === 0) return '';
  const parts = having.slice(0, MOST_PLOTS).map(
    (s) =>
      `<h3>${htmlText(s.label)}</h3><figure>${plotSvg({
        title: `Jitter of ${s.label}`,
        unit: 'ms',
        lengthS,
        bars: s.jitterPlot.map(({ atS, lowMs, highMs }) => ({ atS, low: lowMs, high: highMs })),
      })}</figure>`,
  );
  return `<h2>How evenly they came</h2><p class="soft">Each line is a stretch of rows: from the earliest to the latest stamp against the stretch's own even beat.</p>${parts.join('')}`;
}

function method(): string {
  return `<h2>How these figures come about</h2>
<p>Every row keeps the time of the clock that captured it. Eight questions every five seconds bound the difference between that clock and the recorder's: a clock was read after the question left and before the answer came. Over each minute the tightest of these bounds are kept, which also shows the drift. The stated uncertainty is half of what the bounds leave open, plus the residual, plus the step of the clock's own stamps. A path that is always slower one way than the other cannot be seen by any such measurement; it is covered, for it is never more than half the round trip.</p>
<p>All of it can be checked: the questions are in the table <code>probe</code>, the lines in <code>fit</code>, the gaps in <code>gap</code> of <code>session.sqlite</code>; the figures of this page are in <code>timing.json</code>.</p>`;
}

const text = (html: string): string => `<td class="text">${html}</td>`;

const row = (cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => (cell.startsWith('<td') ? cell : `<td>${cell}</td>`)).join('')}</tr>`;

const tableOf = (heads: readonly string[], rows: readonly string[]): string =>
  `<div class="scroll"><table><thead><tr>${heads.map((head) => `<th${head === 'Cause' ? ' class="text"' : ''}>${head}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
