import type { SampleStream } from '../../common/stream.ts';
import type { ExportContext, ExportFormat, ExportTask } from '../format.ts';
import type { ExportSource, SourceStream } from '../source/exportSource.ts';
import { packetsOf } from '../source/packets.ts';
import { samplesOf } from '../source/samples.ts';
import { xml } from '../xml/escape.ts';
import { XdfFile, type XdfFormat } from './xdfFile.ts';

export const xdf: ExportFormat = {
  name: 'xdf',
  about: 'XDF 1.0 as pyxdf reads it: every sensor, markers, and the time of every frame of the media',
  rounding:
    'Timestamps are float64 seconds on the session clock; the clock offsets in the file are 0, because no correction is needed.',
  tasks: ({ source }: ExportContext) => [task(source)],
};

/** One stream of the file, as its header describes it. */
interface XdfStream {
  name: string;
  type: string;
  format: XdfFormat;
  rateHz: number;
  channels: { label: string; unit: string; type: string }[];
  facts: Record<string, string>;
  source: string;
  weight: number;
  chunks(): Iterable<{ stampsS: ArrayLike<number>; values: ArrayLike<number | string | null>[] }>;
}

/** Interval of clock offsets, through which a reader fits the clock; LabRecorder writes one every five seconds. */
const OFFSET_EACH_S = 5;

function task(source: ExportSource): ExportTask {
  const name = `${source.session.id}.xdf`;
  const streams = streamsOf(source);
  const total = streams.reduce((sum, { weight }) => sum + weight, 0);
  return {
    name,
    weight: total,
    async run(files, progress) {
      const path = await files.add(name, 'XDF 1.0: sensors, markers and frame times');
      const file = await XdfFile.create(path, source.wallTime(0));
      try {
        for (const [i, stream] of streams.entries()) await file.header(i + 1, headerOf(source, stream, i + 1));
        let before = 0;
        for (const [i, stream] of streams.entries()) {
          await writeStream(file, i + 1, stream, source.endNs / 1e9);
          before += stream.weight;
          progress(before / Math.max(1, total));
        }
      } finally {
        await file.close();
      }
    },
  };
}

async function writeStream(file: XdfFile, number: number, stream: XdfStream, endS: number): Promise<void> {
  let [first, last, count] = [Number.NaN, Number.NaN, 0];
  await file.boundary();
  for (const { stampsS, values } of stream.chunks()) {
    if (stampsS.length === 0) continue;
    if (count === 0) first = stampsS[0] as number;
    last = stampsS[stampsS.length - 1] as number;
    count += stampsS.length;
    await file.samples(number, stream.format, stampsS, values);
  }
  const offsets: string[] = [];
  for (let s = 0; s <= endS + OFFSET_EACH_S; s += OFFSET_EACH_S) {
    await file.noOffset(number, s);
    offsets.push(`<offset><time>${s}</time><value>0</value></offset>`);
  }
  const stamps = count > 0 ? `<first_timestamp>${first}</first_timestamp><last_timestamp>${last}</last_timestamp>` : '';
  await file.footer(
    number,
    `${stamps}<sample_count>${count}</sample_count><clock_offsets>${offsets.join('')}</clock_offsets>`,
  );
}

function headerOf(source: ExportSource, stream: XdfStream, number: number): string {
  const channels = stream.channels
    .map(
      ({ label, unit, type }) =>
        `<channel><label>${xml(label)}</label><unit>${xml(unit)}</unit><type>${xml(type)}</type></channel>`,
    )
    .join('');
  const facts = Object.entries(stream.facts)
    .map(([name, value]) => `<${name}>${xml(value)}</${name}>`)
    .join('');
  return [
    `<name>${xml(stream.name)}</name><type>${xml(stream.type)}</type><channel_count>${stream.channels.length}</channel_count>`,
    `<nominal_srate>${stream.rateHz}</nominal_srate><channel_format>${stream.format}</channel_format>`,
    `<source_id>${xml(`${source.session.id}/${stream.source}`)}</source_id><version>1.1</version><created_at>0</created_at>`,
    `<uid>${xml(`${source.session.id}-${number}`)}</uid><session_id>${xml(source.session.id)}</session_id><hostname>fieldroom</hostname>`,
    // If the stream has gaps, a reader must not move the timestamps onto an even grid.
    `<desc><channels>${channels}</channels><synchronization><can_drop_samples>true</can_drop_samples></synchronization>`,
    `<fieldroom><study>${xml(source.session.study)}</study><simulated>${source.session.simulated}</simulated><stamps>session clock, corrected; offsets are 0</stamps>${facts}</fieldroom></desc>`,
  ].join('');
}

function streamsOf(source: ExportSource): XdfStream[] {
  const { samples, video, audio } = source.ofKind;
  const sensors = samples.flatMap((stream) => sensorStreams(source, stream));
  const frames = [...video, ...audio].map((stream) => frameStream(source, stream));
  const markers: XdfStream = {
    ...{ name: 'markers', type: 'Markers', format: 'string', rateHz: 0, source: 'markers', weight: 1, facts: {} },
    channels: [
      { label: 'code', unit: '', type: 'Markers' },
      { label: 'note', unit: '', type: 'Markers' },
    ],
    *chunks() {
      const { markers: all } = source;
      yield {
        stampsS: all.map(({ atNs }) => atNs / 1e9),
        values: [all.map(({ code }) => code), all.map(({ note }) => note)],
      };
    },
  };
  return [...sensors, ...frames, markers];
}

/** An XDF stream cannot contain both numbers and texts. */
function sensorStreams(source: ExportSource, stream: SourceStream): XdfStream[] {
  const info = stream.stream as SampleStream;
  const make = (isText: boolean): XdfStream[] => {
    const picked = info.channels.flatMap((channel, c) =>
      (channel.type === 'text') === isText ? [{ channel, c }] : [],
    );
    if (picked.length === 0) return [];
    return [
      {
        name: isText && picked.length < info.channels.length ? `${info.id} (text)` : info.id,
        type: isText ? 'Markers' : 'Sensor',
        format: isText ? 'string' : 'double64',
        rateHz: isText ? 0 : (info.nominalRateHz ?? 0),
        source: info.source,
        weight: stream.bytes + 1,
        channels: picked.map(({ channel }) => ({
          label: channel.name,
          unit: channel.unit,
          type: channel.label ?? channel.name,
        })),
        facts: { place: info.place, label: info.label, participants: participantsOf(source, info.source) },
        *chunks() {
          for (const block of samplesOf(source, stream))
            yield {
              stampsS: Float64Array.from(block.sessionNs, (ns) => ns / 1e9),
              values: picked.map(({ c }) => block.columns[c] as ArrayLike<number | string | null>),
            };
        },
      },
    ];
  };
  return [...make(false), ...make(true)];
}

/** `P01 from 0 s; P02 from 600 s`. */
const participantsOf = (source: ExportSource, id: string): string =>
  source.assignments
    .filter((one) => one.source === id && one.participant !== null)
    .map(({ participant, fromNs }) => `${participant} from ${Math.max(0, fromNs) / 1e9} s`)
    .join('; ');

function frameStream(source: ExportSource, stream: SourceStream): XdfStream {
  const isVideo = stream.stream.kind === 'video';
  return {
    ...{
      name: `${stream.id} frames`,
      type: isVideo ? 'VideoFrames' : 'AudioPackets',
      format: 'int64' as const,
      source: stream.stream.source,
    },
    rateHz: isVideo ? (stream.stream.nominalRateHz ?? 0) : 0,
    weight: 50 * stream.count + 1,
    channels: [
      { label: 'seq', unit: '', type: 'FrameNumber' },
      { label: 'frame', unit: '', type: 'FrameNumberInFile' },
    ],
    facts: { label: stream.stream.label, place: stream.stream.place },
    *chunks() {
      let [stampsS, seq, frame]: number[][] = [[], [], []];
      for (const packet of packetsOf(source, stream, false)) {
        (stampsS as number[]).push(packet.sessionNs / 1e9);
        (seq as number[]).push(packet.seq);
        (frame as number[]).push(packet.frame);
        if ((seq as number[]).length < 4096) continue;
        yield { stampsS: stampsS as number[], values: [seq as number[], frame as number[]] };
        [stampsS, seq, frame] = [[], [], []];
      }
      yield { stampsS: stampsS as number[], values: [seq as number[], frame as number[]] };
    },
  };
}
