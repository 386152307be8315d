import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { gatherTiming } from './gatherTiming.ts';
import type { TimingReport } from './timing.ts';
import { timingPage } from './timingPage.ts';

export const TIMING_JSON = 'timing.json';
export const TIMING_PAGE = 'timing.html';

/** Writes the page and its figures into a folder: both, or none. */
export function writeTiming(folder: string, db: Database): TimingReport {
  const report = gatherTiming(db);
  const files = { [TIMING_JSON]: `${JSON.stringify(report, rounded)}\n`, [TIMING_PAGE]: timingPage(report) };
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  } catch (error) {
    for (const name of Object.keys(files)) rmSync(join(folder, name), { force: true });
    throw error;
  }
  return report;
}

/** Page and figures hold no more than a person can read: six digits. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(6)) : value;

/** The figures that sealing wrote; null: it wrote none, or another format. */
export function readTiming(folder: string): TimingReport | null {
  const path = join(folder, TIMING_JSON);
  if (!existsSync(path) || !existsSync(join(folder, TIMING_PAGE))) return null;
  const report = JSON.parse(readFileSync(path, 'utf8')) as Partial<TimingReport>;
  return report.format === 'fieldroom-timing' && report.formatVersion === 1 ? (report as TimingReport) : null;
}
