/** The tables of one session: streams, markers, gaps, assignments, the time of every frame, and every sample. */
import type { Channel, SampleStream } from '../../common/stream.ts';
import type { ExportSource, SourceStream } from '../source/exportSource.ts';
import { packetsOf } from '../source/packets.ts';
import { samplesOf, type TimedBlock } from '../source/samples.ts';
import { type Batch, type ColumnData, type Field, smallTable, type Table } from './table.ts';

/** Rows of a batch of frames. */
const ROWS = 4096;

export const TIME_FIELDS: Field[] = [
  { name: 'session_s', type: 'seconds', unit: 's', description: "Time since the session's beginning" },
  { name: 'uncertainty_ms', type: 'number', unit: 'ms', description: 'The true session time is within ± this' },
  { name: 'wall_time', type: 'wall', description: 'The same time as UTC wall time; only a label' },
];

/** Everything but the samples. */
export function smallTables(source: ExportSource, wanted = source.markers): Table[] {
  const streams = smallTable('streams', 'The streams of the session', source.streams, [
    { name: 'stream', type: 'string', description: 'Name of the stream', of: ({ id }) => id },
    { name: 'kind', type: 'string', description: 'video, audio or samples', of: ({ stream }) => stream.kind },
    {
      name: 'source',
      type: 'string',
      description: 'The source: a device or a participant',
      of: ({ stream }) => stream.source,
    },
    { name: 'label', type: 'string', description: 'Name in the kit', of: ({ stream }) => stream.label },
    { name: 'place', type: 'string', description: 'Location', of: ({ stream }) => stream.place },
    {
      name: 'nominal_rate_hz',
      type: 'number',
      unit: 'Hz',
      description: 'Nominal samples or frames per second',
      of: ({ stream }) => stream.nominalRateHz ?? null,
    },
    {
      name: 'first_s',
      type: 'seconds',
      unit: 's',
      description: 'Session time of its first data',
      of: ({ firstNs }) => firstNs,
    },
    {
      name: 'end_s',
      type: 'seconds',
      unit: 's',
      description: 'Session time of the end of its last data',
      of: ({ endNs }) => endNs,
    },
    { name: 'count', type: 'integer', description: 'Recorded samples or packets', of: ({ count }) => count },
    { name: 'simulated', type: 'boolean', description: 'Simulated data', of: ({ stream }) => stream.simulated },
  ]);
  const channels = smallTable(
    'channels',
    'The channels of the sample streams',
    source.ofKind.samples.flatMap(({ stream }) =>
      (stream as SampleStream).channels.map((channel) => ({ id: stream.id, ...channel })),
    ),
    [
      { name: 'stream', type: 'string', description: 'Name of the stream', of: ({ id }) => id },
      { name: 'channel', type: 'string', description: 'Name of the channel', of: ({ name }) => name },
      { name: 'type', type: 'string', description: 'number, integer, boolean or text', of: ({ type }) => type },
      { name: 'unit', type: 'string', description: 'Unit; empty: none', of: ({ unit }) => unit },
      { name: 'label', type: 'string', description: 'Display name', of: ({ label }) => label ?? null },
    ],
  );
  const markers = smallTable('markers', 'Markers, as corrected and added after the recording', wanted, [
    { name: 'session_s', type: 'seconds', unit: 's', description: 'Session time', of: ({ atNs }) => atNs },
    { name: 'wall_time', type: 'wall', description: 'UTC wall time; only a label', of: ({ atNs }) => atNs },
    { name: 'code', type: 'string', description: 'Code', of: ({ code }) => code },
    { name: 'note', type: 'string', description: 'Note', of: ({ note }) => note },
    { name: 'author', type: 'string', description: 'Pseudonym or role of its author', of: ({ author }) => author },
    { name: 'origin', type: 'string', description: 'recorded, corrected or added', of: ({ origin }) => origin },
  ]);
  const annotations = smallTable('annotations', 'Annotations imported from other programs', source.annotations, [
    { name: 'from_s', type: 'seconds', unit: 's', description: 'Session time', of: ({ fromNs }) => fromNs },
    { name: 'to_s', type: 'seconds', unit: 's', description: 'Session time', of: ({ toNs }) => toNs },
    { name: 'tier', type: 'string', description: 'Tier, behaviour or transcript', of: ({ tier }) => tier },
    {
      name: 'participant',
      type: 'string',
      description: 'Participant, subject or speaker',
      of: ({ participant }) => participant,
    },
    { name: 'text', type: 'string', description: 'Text', of: ({ text }) => text },
  ]);
  const gaps = smallTable('gaps', 'Gaps: missing data, with time and cause', source.gaps, [
    { name: 'stream', type: 'string', description: 'Name of the stream', of: ({ stream }) => stream },
    {
      name: 'from_s',
      type: 'seconds',
      unit: 's',
      description: 'Session time of its beginning',
      of: ({ fromNs }) => fromNs,
    },
    {
      name: 'to_s',
      type: 'seconds',
      unit: 's',
      description: 'Session time of its end; empty: to the end',
      of: ({ toNs }) => toNs,
    },
    { name: 'cause', type: 'string', description: 'Cause', of: ({ cause }) => cause },
    {
      name: 'missing',
      type: 'integer',
      description: 'Samples or packets that are missing',
      of: ({ missing }) => missing,
    },
    { name: 'detail', type: 'string', description: 'Detail', of: ({ detail }) => detail },
  ]);
  const assignments = smallTable(
    'assignments',
    'Assignments: the participant who wore or used each source',
    source.assignments,
    [
      { name: 'source', type: 'string', description: 'The device', of: (row) => row.source },
      {
        name: 'participant',
        type: 'string',
        description: 'Pseudonym; empty: nobody',
        of: ({ participant }) => participant,
      },
      { name: 'place', type: 'string', description: 'Location', of: ({ place }) => place },
      {
        name: 'from_s',
        type: 'seconds',
        unit: 's',
        description: 'From this session time on',
        of: ({ fromNs }) => fromNs,
      },
      {
        name: 'to_s',
        type: 'seconds',
        unit: 's',
        description: 'Before this session time; empty: to the end',
        of: ({ toNs }) => (toNs === Infinity ? null : toNs),
      },
    ],
  );
  return [streams, channels, markers, annotations, gaps, assignments];
}

/** The time of every frame or sound packet, and its position in the recorded file. */
export function framesTable(source: ExportSource, stream: SourceStream): Table {
  return {
    path: `frames/${stream.id}`,
    title: `Time of every ${stream.stream.kind === 'video' ? 'frame' : 'sound packet'} of ${stream.id}`,
    fields: [
      ...TIME_FIELDS,
      { name: 'duration_s', type: 'duration', unit: 's', description: 'Duration reported by the publisher' },
      { name: 'file', type: 'string', description: "The session's file" },
      { name: 'frame', type: 'integer', description: 'Index in that file, from 0' },
      { name: 'key', type: 'boolean', description: 'Decodable without earlier frames' },
    ],
    weight: 100 * stream.count,
    rows: stream.count,
    *batches() {
      let columns: (number | string)[][] = Array.from({ length: 7 }, () => []);
      for (const packet of packetsOf(source, stream, false)) {
        const { sessionNs, uncertaintyNs, durationNs, file, frame, key } = packet;
        const row = [sessionNs, uncertaintyNs / 1e6, sessionNs, durationNs, file, frame, Number(key)];
        for (const [i, value] of row.entries()) columns[i]?.push(value);
        if (columns[0]?.length !== ROWS) continue;
        yield { count: ROWS, columns };
        columns = columns.map(() => []);
      }
      yield { count: columns[0]?.length ?? 0, columns };
    },
  };
}

/** One row per sample, one column per channel. @param fromNs only samples of [fromNs, toNs), session nanoseconds */
export function streamTable(source: ExportSource, stream: SourceStream, fromNs = -Infinity, toNs = Infinity): Table {
  const info = stream.stream as SampleStream;
  const device: Field[] = info.deviceClock
    ? [
        {
          name: 'device_time',
          type: 'number',
          description: `The device's own ${info.deviceClock.kind}, ticks of ${info.deviceClock.tickNs} ns`,
        },
        {
          name: 'device_session_s',
          type: 'seconds',
          unit: 's',
          description: "Session time by the device's own clock, without the jitter of transport",
        },
      ]
    : [];
  const reserved = new Set([...TIME_FIELDS, ...device].map(({ name }) => name).concat('participant', 'seq'));
  const channels = info.channels.map((channel): Field => fieldOf(channel, reserved));
  return {
    path: `streams/${stream.id}`,
    title: `Samples of ${stream.id}${info.label ? ` (${info.label})` : ''}`,
    fields: [
      ...TIME_FIELDS,
      { name: 'seq', type: 'integer', description: 'Number of the sample in its stream, from 0' },
      { name: 'participant', type: 'string', description: 'Pseudonym of the wearer; empty: nobody' },
      ...device,
      ...channels,
    ],
    weight: stream.bytes,
    rows: stream.count,
    *batches() {
      const who = participantOf(source, info.source);
      for (const block of samplesOf(source, stream, fromNs, toNs)) {
        const own = block.deviceTime && block.deviceSessionNs ? [block.deviceTime, block.deviceSessionNs] : [];
        yield { count: block.count, columns: [...timeColumns(block), block.seq, who(block), ...own, ...block.columns] };
      }
    },
  };
}

/** A column of integers is stored as numbers, so that a driver that sends 1.5 in an integer channel loses nothing. */
const FIELD_TYPES = { number: 'number', integer: 'number', boolean: 'boolean', text: 'string' } as const;

function fieldOf(channel: Channel, taken: Set<string>): Field {
  let { name } = channel;
  while (taken.has(name)) name += '_';
  taken.add(name);
  return {
    name,
    type: FIELD_TYPES[channel.type],
    ...(channel.unit ? { unit: channel.unit } : {}),
    description: channel.label ?? channel.name,
  };
}

/** One row per value, from all sample streams. */
export function longTable(source: ExportSource, streams: readonly SourceStream[], path = 'samples'): Table {
  return {
    path,
    title: 'Every value of every sensor',
    fields: [
      ...TIME_FIELDS,
      { name: 'stream', type: 'string', description: 'Name of the stream' },
      { name: 'participant', type: 'string', description: 'Pseudonym of the wearer; empty: nobody' },
      { name: 'place', type: 'string', description: 'Location' },
      { name: 'seq', type: 'integer', description: 'Number of the sample in its stream' },
      { name: 'channel', type: 'string', description: 'Name of the channel' },
      { name: 'value', type: 'number', description: 'The value; empty for text channels' },
      { name: 'text', type: 'string', description: 'The value of a text channel' },
      { name: 'unit', type: 'string', description: 'Unit of the value' },
    ],
    weight: streams.reduce((sum, { bytes }) => sum + 2 * bytes, 0),
    rows: streams.reduce((sum, { count, stream }) => sum + count * (stream as SampleStream).channels.length, 0),
    *batches() {
      for (const stream of streams) {
        const info = stream.stream as SampleStream;
        const who = participantOf(source, info.source);
        for (const block of samplesOf(source, stream)) {
          const participants = who(block);
          for (const [c, channel] of info.channels.entries()) yield longBatch(block, c, channel, info, participants);
        }
      }
    },
  };
}

function longBatch(
  block: TimedBlock,
  c: number,
  channel: Channel,
  info: SampleStream,
  participants: (string | null)[],
): Batch {
  const column = block.columns[c] as ColumnData;
  const rows: number[] = [];
  for (let i = 0; i < block.count; i += 1) if (hasValue(column[i])) rows.push(i);
  const all = rows.length === block.count;
  const take = (from: ColumnData): ColumnData => (all ? from : rows.map((i) => from[i] ?? null));
  const fill = (value: string | null): (string | null)[] => new Array<string | null>(rows.length).fill(value);
  const [session, uncertainty, wall] = timeColumns(block).map(take) as [ColumnData, ColumnData, ColumnData];
  const isText = channel.type === 'text';
  const columns = [
    ...[session, uncertainty, wall, fill(info.id), take(participants), fill(info.place || null), take(block.seq)],
    ...[
      fill(channel.name),
      isText ? fill(null) : take(column),
      isText ? take(column) : fill(null),
      fill(channel.unit || null),
    ],
  ];
  return { count: rows.length, columns };
}

const hasValue = (value: number | string | null | undefined): boolean =>
  value !== null && value !== undefined && !(typeof value === 'number' && Number.isNaN(value));

const timeColumns = (block: TimedBlock): ColumnData[] => [
  block.sessionNs,
  Float64Array.from(block.uncertaintyNs, (ns) => ns / 1e6),
  block.sessionNs,
];

/** The participant of each row of a block. A source with a single assignment needs no lookup per row. */
function participantOf(source: ExportSource, id: string): (block: TimedBlock) => (string | null)[] {
  const spans = source.assignments.filter((one) => one.source === id);
  if (spans.length <= 1) return ({ count }) => new Array<string | null>(count).fill(spans[0]?.participant ?? null);
  return ({ count, sessionNs }) =>
    Array.from({ length: count }, (_, i) => source.participantAt(id, sessionNs[i] as number));
}
