import { writeFile } from 'node:fs/promises';
import type { ExportContext, ExportFormat, ExportTask } from '../format.ts';
import type { ExportSource } from '../source/exportSource.ts';
import { mp4Tasks } from './mp4.ts';
import { wavTasks } from './wav.ts';

const MEDIA = 'media/';

export const boris: ExportFormat = {
  name: 'boris',
  about: 'a BORIS project: video and sound from time 0, markers as point events, annotations as state events',
  rounding: 'Whole milliseconds, as BORIS counts.',
  tasks: (context) => [...mp4Tasks(context, MEDIA), ...wavTasks(context, MEDIA), project(context)],
};

interface Event {
  atNs: number;
  subject: string;
  code: string;
  comment: string;
}

function project({ source, files: made }: ExportContext): ExportTask {
  const name = `${source.session.id}.boris`;
  return {
    name,
    weight: 1,
    async run(files) {
      const media = made()
        .map(({ path }) => path)
        .filter((path) => /\.(mp4|wav)$/.test(path));
      await writeFile(
        await files.add(name, 'The BORIS project: open this file'),
        `${JSON.stringify(projectOf(source, media), null, 1)}\n`,
      );
    },
  };
}

/** Project format 7.0. Each medium has its own player; all begin at session time 0. */
function projectOf(source: ExportSource, media: readonly string[]): object {
  const points: Event[] = source.markers.map(({ atNs, code, note }) => ({ atNs, subject: '', code, comment: note }));
  // A state is two events: its start and its end.
  const states = source.annotations.flatMap(({ tier, participant, fromNs, toNs, text }): Event[] => [
    { atNs: fromNs, subject: participant, code: tier, comment: text },
    { atNs: Math.max(toNs, fromNs + 1e6), subject: participant, code: tier, comment: '' },
  ]);
  const codes = [
    ...[...new Set(points.map(({ code }) => code))].map((code) => ({ code, type: 'Point event' })),
    ...[...new Set(states.map(({ code }) => code))].map((code) => ({ code, type: 'State event' })),
  ];
  const subjects = [...new Set(states.map(({ subject }) => subject).filter((subject) => subject !== ''))];
  const byMedium = <T>(value: (path: string) => T): Record<string, T> =>
    Object.fromEntries(media.map((path) => [path, value(path)]));
  const players = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [String(i + 1), media[i] === undefined ? [] : [media[i]]]),
  );
  const lengthS = source.endNs / 1e9;
  return {
    time_format: 'hh:mm:ss',
    project_date: source.wallTime(0).slice(0, 19),
    project_name: source.session.name || source.session.id,
    project_description: `Session ${source.session.id} of ${source.session.study}, exported by Fieldroom. Times are session time.`,
    project_format_version: '7.0',
    subjects_conf: Object.fromEntries(
      subjects.map((subject, i) => [String(i), { key: '', name: subject, description: '' }]),
    ),
    behaviors_conf: Object.fromEntries(
      codes.map(({ code, type }, i) => [
        String(i),
        { type, key: '', code, description: '', category: '', modifiers: '', excluded: '', 'coding map': '' },
      ]),
    ),
    independent_variables: {},
    behavioral_categories: [],
    coding_map: {},
    converters: {},
    observations: {
      [source.session.id]: {
        file: players,
        type: 'MEDIA',
        date: source.wallTime(0).slice(0, 19),
        description: source.session.name,
        'time offset': 0.0,
        events: [...points, ...states]
          .sort((a, b) => a.atNs - b.atNs)
          .map(({ atNs, subject, code, comment }) => [Math.round(atNs / 1e6) / 1000, subject, code, '', comment]),
        observation_time_interval: [0, 0],
        independent_variables: {},
        visualize_spectrogram: false,
        visualize_waveform: false,
        close_behaviors_between_videos: false,
        media_info: {
          length: byMedium(() => lengthS),
          fps: byMedium((path) => (path.endsWith('.mp4') ? 30 : 0)),
          hasVideo: byMedium((path) => path.endsWith('.mp4')),
          hasAudio: byMedium((path) => path.endsWith('.wav')),
          offset: Object.fromEntries(media.slice(0, 8).map((_, i) => [String(i + 1), 0.0])),
        },
      },
    },
  };
}
