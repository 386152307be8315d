/** Plain warnings for people who analyse the session, most severe first. */
import type { StreamTiming, TimingReport, Warning } from './timing.ts';
import { lengthText, millisText, momentText, shareText } from './words.ts';

type Facts = Omit<TimingReport, 'claims' | 'warnings'>;

const MUCH_MISSING = 0.001;
const OTHER_RATE = 0.02;
const UNSURE_MS = 5;
const LONG_GAP_S = 1;

export function warningsOf(facts: Facts, findings: readonly string[]): Warning[] {
  const warnings = [
    ...findings.map((text): Warning => ({ level: 'bad', text: `Damage was found at sealing: ${text}.` })),
    ...facts.absentSources.map(
      ({ label }): Warning => ({ level: 'bad', text: `${label}: nothing was recorded; it never delivered.` }),
    ),
    ...facts.streams.flatMap((stream) => ofStream(stream, facts.lengthS)),
    ...ofRestarts(facts),
    ...ofClocks(facts),
    ...facts.wall.steps.map(
      ({ atS, byS }): Warning => ({
        level: 'note',
        text: `The computer's wall clock was set by ${byS > 0 ? '+' : '-'}${lengthText(Math.abs(byS))} at ${momentText(atS)}. No time of this session moved; only the label of its wall time is affected.`,
      }),
    ),
  ];
  const order = { bad: 0, warn: 1, note: 2 };
  return warnings.sort((a, b) => order[a.level] - order[b.level]);
}

function ofStream(stream: StreamTiming, lengthS: number): Warning[] {
  const { label, count, missing, uncertaintyMs, nominalRateHz, deliveringRateHz } = stream;
  if (count === 0) return [{ level: 'bad', text: `${label}: nothing was recorded.` }];
  const warnings: Warning[] = [];
  if (!uncertaintyMs) warnings.push({ level: 'bad', text: `${label}: its times are not known.` });
  else if (uncertaintyMs.p95 > UNSURE_MS)
    warnings.push({ level: 'warn', text: `${label}: its clock is known only to ±${millisText(uncertaintyMs.p95)}.` });
  const share = missing / (count + missing);
  if (missing > 0)
    warnings.push({
      level: share > MUCH_MISSING ? 'warn' : 'note',
      text: `${label}: ${missing} of ${count + missing} ${unitsOf(stream)} are missing (${shareText(share)}): ${causes(stream)}.`,
    });
  const long = stream.gaps.filter(({ fromS, toS }) => fromS !== null && (toS ?? lengthS) - fromS >= LONG_GAP_S);
  if (long.length > 0)
    warnings.push({
      level: 'warn',
      text: `${label}: ${long.length === 1 ? 'a gap' : `${long.length} gaps`} of a second or more, ${lengthText(long.reduce((sum, { fromS, toS }) => sum + (toS ?? lengthS) - (fromS ?? 0), 0))} in all; the first at ${momentText(long[0]?.fromS ?? 0)} (${long[0]?.cause}).`,
    });
  if (nominalRateHz && deliveringRateHz && Math.abs(deliveringRateHz / nominalRateHz - 1) > OTHER_RATE)
    warnings.push({
      level: 'warn',
      text: `${label}: came at ${deliveringRateHz.toFixed(2)} a second instead of ${nominalRateHz.toFixed(2)}, not counting gaps. Use the time of each row, never row number times rate.`,
    });
  return warnings;
}

const causes = ({ gapsByCause }: StreamTiming): string =>
  gapsByCause
    .filter(({ missing }) => missing > 0)
    .map(({ cause, missing }) => `${missing} ${cause}`)
    .join(', ');

export const unitsOf = ({ kind }: Pick<StreamTiming, 'kind'>): string =>
  kind === 'video' ? 'frames' : kind === 'audio' ? 'packets' : 'samples';

function ofRestarts({ restartsS }: Facts): Warning[] {
  return restartsS.map((atS) => ({
    level: 'warn',
    text: `The recorder ended unexpectedly and continued automatically${atS === null ? '' : `, back at ${momentText(atS)}`}. Data missing from that time is recorded as gaps.`,
  }));
}

function ofClocks({ clocks }: Facts): Warning[] {
  return clocks.flatMap(({ publisher, steps, waves, streams }): Warning[] => [
    ...steps.map(
      ({ atS, byS }): Warning => ({
        level: 'bad',
        text: `The clock of ${publisher} ${byS > 0 ? 'stopped for' : 'was set back by'} ${lengthText(Math.abs(byS))} at ${momentText(atS)}. Times within seconds of it are uncertain by as much; all others are correct.`,
      }),
    ),
    ...(waves === 0 && streams.length > 0
      ? [{ level: 'bad' as const, text: `The clock of ${publisher} was never measured.` }]
      : []),
  ]);
}
