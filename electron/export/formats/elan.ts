import { open, readFile, writeFile } from 'node:fs/promises';
import type { SampleStream } from '../../common/stream.ts';
import type { ExportContext, ExportFormat, ExportTask } from '../format.ts';
import type { ExportSource, SourceStream } from '../source/exportSource.ts';
import { samplesOf } from '../source/samples.ts';
import { tiersOf } from '../source/tiers.ts';
import { secondsText } from '../tables/csv.ts';
import { type EafMedium, eafOf, type TimeSeries, timeSeriesOf } from './eaf.ts';
import { mp4Tasks } from './mp4.ts';
import { wavTasks } from './wav.ts';

const MEDIA = 'media/';

export const elan: ExportFormat = {
  name: 'elan',
  about:
    'an ELAN project (EAF 3.0): video and sound from time 0, markers, gaps and annotations as tiers, sensors as time series',
  rounding: 'ELAN counts whole milliseconds: tiers are up to 0.5 ms off; media and time series are not.',
  tasks: (context) => {
    const { source } = context;
    const series: TimeSeries[] = [];
    return [
      ...mp4Tasks(context, MEDIA),
      ...wavTasks(context, MEDIA),
      ...source.ofKind.samples.map((stream) => seriesTask(source, stream)),
      document(context, series),
    ];
  },
};

/** A sample stream as ELAN reads it: seconds with a decimal point, then its numbers. */
function seriesTask(source: ExportSource, stream: SourceStream): ExportTask {
  const name = `timeseries/${stream.id}.csv`;
  const numbers = numbersOf(stream.stream as SampleStream);
  return {
    name,
    weight: stream.bytes + 1,
    async run(files, progress) {
      if (stream.count === 0 || numbers.length === 0) return;
      const path = await files.add(name, `${stream.id} as a time series for ELAN`);
      const ranges = numbers.map(() => ({ min: Infinity, max: -Infinity }));
      const file = await open(path, 'w');
      try {
        await file.writeFile(`# seconds,${numbers.map(({ name: channel }) => channel).join(',')}\n`);
        let done = 0;
        for (const block of samplesOf(source, stream)) {
          let text = '';
          for (let i = 0; i < block.count; i += 1) {
            text += secondsText(block.sessionNs[i] as number);
            for (const [k, { c }] of numbers.entries()) {
              const value = (block.columns[c] as Float64Array)[i] as number;
              text += Number.isNaN(value) ? ',' : `,${value}`;
              const range = ranges[k] as { min: number; max: number };
              if (value < range.min) range.min = value;
              if (value > range.max) range.max = value;
            }
            text += '\n';
          }
          await file.writeFile(text);
          done += block.count;
          progress(done / stream.count);
        }
      } finally {
        await file.close();
      }
      const described: TimeSeries = {
        path: name,
        tracks: numbers.flatMap(({ name: channel, unit }, k) => {
          const { min, max } = ranges[k] as { min: number; max: number };
          return min <= max
            ? [{ column: k + 1, name: `${stream.id} ${channel}`, unit, min, max: max > min ? max : min + 1 }]
            : [];
        }),
      };
      // Stored next to the table, so that a resumed export knows its ranges.
      await writeFile(await files.add(`${name}.tracks.json`, `Tracks of ${name}`), JSON.stringify(described));
    },
  };
}

const numbersOf = (info: SampleStream): { name: string; unit: string; c: number }[] =>
  info.channels.flatMap(({ name, unit, type }, c) => (type === 'text' ? [] : [{ name, unit, c }]));

function document({ source, files: made }: ExportContext, series: TimeSeries[]): ExportTask {
  const name = `${source.session.id}.eaf`;
  return {
    name,
    weight: 1,
    async run(files) {
      const date = source.wallTime(0).replace(/\.\d+Z$/, '+00:00');
      for (const { path } of made().filter(({ path: one }) => one.endsWith('.tracks.json')))
        series.push(JSON.parse(await readFile(files.path(path), 'utf8')) as TimeSeries);
      const media = made().flatMap(({ path }): EafMedium[] => {
        if (path.endsWith('.mp4')) return [{ path, mime: 'video/mp4' }];
        return path.endsWith('.wav') ? [{ path, mime: 'audio/x-wav' }] : [];
      });
      const settings = `${source.session.id}_tsconf.xml`;
      const linked =
        series.length > 0
          ? [{ path: settings, mime: 'text/xml' }, ...series.map(({ path }) => ({ path, mime: 'text/plain' }))]
          : [];
      if (series.length > 0)
        await writeFile(await files.add(settings, 'Settings of the time series'), timeSeriesOf(series, date));
      await writeFile(
        await files.add(name, 'The ELAN project: open this file'),
        eafOf(tiersOf(source), media, linked, date),
      );
    },
  };
}
