/**
 * How well the streams of a recording agree. The ground truth comes from one source (test/sync/source.py): its window is
 * recorded as a screen, its loudspeaker's monitor as a microphone, its sensor through a pseudo terminal.
 * npm run bench -- sync [--events 600] [--minutes 30] [--drift 50,-50] [--seed 1] [--keep]
 * Each `--drift` adds a microphone whose sampling clock is off by that many ppm (resampled where AudioData enters).
 */
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { table } from '../../electron/cli/terminal.ts';
import { type Row, recordSync } from '../sync/record.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '600' },
    minutes: { type: 'string', default: '30' },
    drift: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const started = loadavg();
const result = await recordSync({
  seconds: Number(values.minutes) * 60,
  events: Number(values.events),
  seed: Number(values.seed),
  driftsPpm: values.drift.split(',').filter(Boolean).map(Number),
  onRecorded: (folder, log) => {
    if (!values.keep) return;
    const kept = mkdtempSync(join(tmpdir(), 'fieldroom-sync-'));
    cpSync(folder, join(kept, 'session'), { recursive: true });
    writeFileSync(join(kept, 'source.json'), JSON.stringify(log));
    process.stderr.write(`kept: ${kept}\n`);
  },
});
const cells = (row: Row): string[] => [
  row.what,
  String(row.count),
  ...[row.biasMs, row.p50Ms, row.p95Ms, row.mostMs].map((ms) => ms.toFixed(3)),
];
const coverage = table(
  ['stated of', 'rows', 'nothing stated', 'held, %', 'stated p50, ms', 'error p50', 'times as wide'],
  result.coverage.map((of) => [
    of.what,
    String(of.rows),
    String(of.silent),
    (of.held * 100).toFixed(2),
    of.statedP50Ms.toFixed(3),
    of.errorP50Ms.toFixed(3),
    (of.statedP50Ms / of.errorP50Ms).toFixed(1),
  ]),
);
const heads = ['pair', 'events', 'median, signed, ms', 'p50, ms', 'p95', 'max'];
process.stdout.write(
  `${table(heads, result.rows.map(cells))}\n\n${coverage}\n\nEvents not found: screen ${result.missed.screen}, sound ${result.missed.sound.join('/')}, sensor ${result.missed.sensor}; frames not readable ${result.unreadableFrames}.\nLoad ${started[0]?.toFixed(1)} at the start, ${loadavg()[0]?.toFixed(1)} at the end.\nGaps: ${result.gaps.map(({ stream, gaps, missing }) => `${stream} ${gaps} (${missing} missing)`).join(', ')}\n${JSON.stringify({ ...result, minutes: Number(values.minutes), seed: Number(values.seed) })}\n`,
);
