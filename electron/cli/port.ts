import { InvalidArgumentError } from 'commander';

const HIGHEST = 65_535;

/** A TCP port; 0 asks the system for a free one. @throws InvalidArgumentError */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= HIGHEST) return port;
  throw new InvalidArgumentError(`"${text}" is not a port: use a number from 0 to ${HIGHEST}.`);
}
