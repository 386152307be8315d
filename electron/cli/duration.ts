import { InvalidArgumentError } from 'commander';

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

/** `30s`, `5m`, `1h30m`, `90` (seconds) as milliseconds. @throws InvalidArgumentError for anything else, and for 0 */
export function parseDuration(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return positive(Number(text) * 1000, text);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|min|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text)
    throw new InvalidArgumentError(`"${text}" is not a duration: write 30s, 5m or 1h30m.`);
  return positive(
    parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNIT_MS[unit as string] as number), 0),
    text,
  );
}

function positive(ms: number, text: string): number {
  if (ms > 0) return ms;
  throw new InvalidArgumentError(`"${text}" must be longer than 0 s.`);
}
