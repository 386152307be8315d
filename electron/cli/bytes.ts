import { InvalidArgumentError } from 'commander';

const UNITS: Record<string, number> = { '': 1, B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2 };

/** `500kB`, `2MB`, `8MiB`. @throws InvalidArgumentError */
export function parseBytes(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  const bytes = Number(number) * (factor ?? Number.NaN);
  if (bytes >= 1) return Math.round(bytes);
  throw new InvalidArgumentError(`"${text}" is not an amount of data: use 500kB, 2MB or 8MiB.`);
}
