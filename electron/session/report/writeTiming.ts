import type { Database } from 'better-sqlite3';
import { existsInside, readInside, removeName, writeInside } from '../folder/files.ts';
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
    for (const [name, text] of Object.entries(files)) writeInside(folder, name, text);
  } catch (error) {
    for (const name of Object.keys(files)) removeName(folder, name);
    throw error;
  }
  return report;
}

/** Numbers are rounded to six digits. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(6)) : value;

/** The figures written by sealing; null: none, or another format. */
export function readTiming(folder: string): TimingReport | null {
  if (!existsInside(folder, TIMING_JSON) || !existsInside(folder, TIMING_PAGE)) return null;
  try {
    const report = JSON.parse(readInside(folder, TIMING_JSON).toString('utf8')) as Partial<TimingReport>;
    return report.format === 'fieldroom-timing' && report.formatVersion === 1 ? (report as TimingReport) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
