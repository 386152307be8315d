import { rename, writeFile } from 'node:fs/promises';
import type { TaskFiles } from '../exportFolder.ts';
import type { ExportContext, ExportFormat, ExportTask } from '../format.ts';
import type { SourceStream } from '../source/exportSource.ts';
import { secondsText } from '../tables/csv.ts';
import { vttOf } from '../video/captions.ts';
import { findFfmpeg, needFfmpeg, runFfmpeg } from '../video/ffmpeg.ts';
import { copyToMp4, type Mp4Part } from '../video/mp4Copy.ts';

export const mp4: ExportFormat = {
  name: 'mp4',
  about: 'every camera and screen from session time 0: frames copied without re-encoding, each at its session time',
  rounding: 'Frame times are rounded to 1/57600 s (17 µs); with a constant frame rate to whole frames.',
  tasks: (context) => mp4Tasks(context),
};

export function mp4Tasks(context: ExportContext, folder = '', fromNs = 0, toNs = context.source.endNs): ExportTask[] {
  const { source, options, signal } = context;
  return source.ofKind.video.map((stream) => ({
    name: `${folder}${stream.id}.mp4`,
    weight: stream.bytes * (options.constantRate ? 5 : 1) + 1,
    async run(files, progress) {
      if (stream.count === 0) return files.note(`${stream.id}: nothing was recorded.`);
      const label = stream.stream.label || stream.id;
      const nameOf = (n: number): string => `${folder}${stream.id}${n > 1 ? `.part${n}` : ''}`;
      const copyShare = options.constantRate ? 0.2 : 1;
      const parts = await copyToMp4(source, stream, {
        ...{ fromNs, toNs },
        pathOf: (n) => files.add(`${nameOf(n)}.mp4`, `${label}, pictures from session time ${fromNs / 1e9} s`),
        onSkipped: (packets) =>
          files.note(
            `${stream.id}: ${packets} frames were left out, because frames that they refer to are missing; the picture is frozen there.`,
          ),
        onProgress: (ns) => progress((copyShare * (ns - fromNs)) / Math.max(1, toNs - fromNs)),
      });
      for (const [i, part] of parts.entries()) {
        const name = nameOf(i + 1);
        const encode = options.constantRate || part.codec === 'vp8';
        if (encode && (options.constantRate || findFfmpeg()))
          await encodeConstant(part, stream, toNs - fromNs, signal, progress);
        else if (encode)
          files.note(
            `${name}.mp4 contains VP8 video, which few players open in MP4. If ffmpeg is installed, Fieldroom re-encodes it.`,
          );
        await writeSideFiles(files, name, part, fromNs);
        if (i === 0) files.note(howItIsTimed(encode && part.frames.length > 0 && options.constantRate));
      }
      if (parts.length > 1)
        files.note(
          `${stream.id}: its video format changed ${parts.length - 1} times, so it has ${parts.length} files; each begins at session time ${fromNs / 1e9} s.`,
        );
      if (parts.length === 0) files.note(`${stream.id}: no picture could be decoded in this time.`);
    },
  }));
}

const howItIsTimed = (constant: boolean): string =>
  constant
    ? 'Video has a constant frame rate: frames are repeated or dropped to whole frame times, gaps are black.'
    : 'Video has each frame at its session time; the first picture is repeated at the beginning of the file, and the picture is frozen during a gap (marked by captions). No edit lists are used.';

async function writeSideFiles(files: TaskFiles, name: string, part: Mp4Part, fromNs: number): Promise<void> {
  const cues = part.frozen.map(({ fromNs: from, toNs: to }) => ({
    fromNs: from - fromNs,
    toNs: to - fromNs,
    text: from <= fromNs ? 'No picture was recorded yet' : 'No picture was recorded here',
  }));
  await writeFile(await files.add(`${name}.vtt`, 'Captions that mark where the picture is frozen'), vttOf(cues));
  const rows = part.frames.map(
    ({ sessionNs, seq, filler }, frame) => `${frame},${secondsText(sessionNs)},${seq},${filler}`,
  );
  const table = await files.add(
    `${name}.frames.csv`,
    'Session time of every copied frame: number in the file, session_s, seq in the session, whether it only fills time',
  );
  await writeFile(table, `frame,session_s,seq,filler\n${rows.join('\n')}\n`);
}

/** Re-encodes the copied file: frame n at n / rate, black where nothing was recorded. */
async function encodeConstant(
  part: Mp4Part,
  stream: SourceStream,
  lengthNs: number,
  signal: AbortSignal,
  progress: (fraction: number) => void,
): Promise<void> {
  const ffmpeg = needFfmpeg('A constant frame rate');
  const rate = Math.min(120, Math.max(1, Math.round(stream.stream.nominalRateHz ?? 30)));
  const lengthS = lengthNs / 1e9;
  const firstNs = part.frames[0]?.sessionNs ?? 0;
  const dark = part.frozen.map(
    ({ fromNs, toNs }) =>
      `between(t,${((fromNs - firstNs) / 1e9).toFixed(6)},${((toNs - firstNs) / 1e9 - 0.5 / rate).toFixed(6)})`,
  );
  const black = dark.length > 0 ? `,drawbox=x=0:y=0:w=iw:h=ih:color=black:t=fill:enable='${dark.join('+')}'` : '';
  const filter = `fps=${rate}:start_time=0,tpad=stop=-1:stop_mode=clone,trim=end=${lengthS.toFixed(6)}${black},format=yuv420p`;
  const made = `${part.path}.constant.mp4`;
  const args = [
    '-i',
    part.path,
    '-vf',
    filter,
    '-an',
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    '20',
    '-movflags',
    '+faststart',
    made,
  ];
  await runFfmpeg(ffmpeg, args, { lengthS, signal, onProgress: (fraction) => progress(0.2 + 0.8 * fraction) });
  await rename(made, part.path);
}
