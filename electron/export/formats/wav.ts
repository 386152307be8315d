import type { ExportContext, ExportFormat, ExportTask } from '../format.ts';
import { configOf, soundDecoder } from '../sound/decoder.ts';
import { renderSound } from '../sound/render.ts';
import { WavFile } from '../sound/wavFile.ts';
import type { ExportSource, SourceStream } from '../source/exportSource.ts';
import { packetsOf } from '../source/packets.ts';

export const wav: ExportFormat = {
  name: 'wav',
  about: 'every microphone from session time 0 to the end; gaps are silence, drift is corrected',
  rounding:
    'Sample n was captured at session time n divided by the rate; sound is resampled along a line through its packets.',
  tasks: (context) => wavTasks(context),
};

/** @param folder for the files, with a trailing `/`; @param fromNs of the first sample */
export function wavTasks(
  { source, options, signal }: ExportContext,
  folder = '',
  fromNs = 0,
  toNs = source.endNs,
): ExportTask[] {
  return source.ofKind.audio.map((stream) => ({
    name: `${folder}${stream.id}.wav`,
    weight: stream.bytes + 1,
    async run(files, progress) {
      const name = `${folder}${stream.id}.wav`;
      if (stream.count === 0) return files.note(`${stream.id}: nothing was recorded.`);
      const recorded = Math.max(1, channelsOf(source, stream));
      const channels = options.mono ? 1 : recorded;
      const louder = options.mono && recorded > 1 ? await louderChannel(source, stream) : null;
      if (louder !== null)
        files.note(`${name} is channel ${louder + 1} of ${recorded}, the louder one, because a sum could cancel out.`);
      const path = await files.add(
        name,
        `${stream.stream.label || stream.id}, ${options.rateHz} Hz, from session time ${fromNs / 1e9} s`,
      );
      const file = await WavFile.create(path, options.rateHz, channels);
      try {
        const onBroken = (packets: number): void =>
          files.note(`${stream.id}: ${packets} packets could not be decoded and are silence.`);
        const wanted = {
          rateHz: options.rateHz,
          fromNs,
          toNs,
          channels: louder === null ? channels : recorded,
          onBroken,
        };
        let done = 0;
        for await (const block of renderSound(source, stream, wanted)) {
          if (signal.aborted) break;
          await file.write(louder === null ? block : [block[louder] as Float32Array]);
          done += block[0]?.length ?? 0;
          progress((done * 1e9) / options.rateHz / Math.max(1, toNs - fromNs));
        }
      } finally {
        await file.close();
      }
    },
  }));
}

/** The largest number of channels in the stream. */
export function channelsOf(source: ExportSource, stream: SourceStream): number {
  const configs = source.reader.db
    .prepare('SELECT DISTINCT config FROM segment WHERE stream = ?')
    .pluck()
    .all(stream.number) as string[];
  return Math.max(0, ...configs.map((config) => Math.min(2, configOf(config).numberOfChannels)));
}

/** By the sum of squares of the whole recording. */
async function louderChannel(source: ExportSource, stream: SourceStream): Promise<number> {
  const energy: number[] = [];
  let decoder: Awaited<ReturnType<typeof soundDecoder>> | null = null;
  let config = '';
  for (const packet of packetsOf(source, stream)) {
    if (!decoder || packet.config !== config) {
      decoder?.free();
      decoder = await soundDecoder(configOf(packet.config));
      config = packet.config;
    }
    decoder.decode(packet.data)?.forEach((channel, c) => {
      energy[c] = channel.reduce((sum, value) => sum + value * value, energy[c] ?? 0);
    });
  }
  decoder?.free();
  return Math.max(0, energy.indexOf(Math.max(...energy)));
}
