/** Real encoded media for tests, made by ffmpeg and read by mediabunny: as packets of the wire, with their decoder's description. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import type { Stream } from '../../common/stream.ts';
import { audioStream, testPacket, videoStream } from './testKit.ts';

export interface TestMedia {
  stream: Stream;
  packets: Uint8Array<ArrayBuffer>[];
  keys: number;
}

/** Seconds of a test picture at 30 frames a second, a key frame each two seconds, without B-frames. */
export function h264(id: string, seconds: number): Promise<TestMedia> {
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '60'];
  return made(id, ['-f', 'lavfi', '-i', `testsrc=size=320x240:rate=30:duration=${seconds}`, ...encode]);
}

/** Seconds of a sine in packets of 20 ms. */
export function opus(id: string, seconds: number): Promise<TestMedia> {
  return made(id, ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`, '-c:a', 'libopus']);
}

export function pcm(id: string, seconds: number): Promise<TestMedia> {
  return made(id, ['-f', 'lavfi', '-i', `sine=sample_rate=48000:duration=${seconds}`, '-c:a', 'pcm_s16le']);
}

async function made(id: string, options: string[]): Promise<TestMedia> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldroom-media-'));
  try {
    const path = join(folder, 'made.mkv');
    execFileSync('ffmpeg', ['-v', 'error', ...options, path]);
    return await read(id, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function read(id: string, path: string): Promise<TestMedia> {
  using input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(path) });
  const video = await input.getPrimaryVideoTrack();
  const audio = await input.getPrimaryAudioTrack();
  const track = video ?? audio;
  const config = await track?.getDecoderConfig();
  if (!track || !config) throw new Error(`${path} holds no media`);
  const description = config.description ? { description: base64(config.description) } : {};
  const stream =
    'codedWidth' in config
      ? videoStream(id, {
          codec: config.codec,
          codedWidth: config.codedWidth,
          codedHeight: config.codedHeight,
          ...description,
        })
      : audioStream(id, { ...config, preSkip: 312, ...description });
  const packets: Uint8Array<ArrayBuffer>[] = [];
  let keys = 0;
  const first = await new EncodedPacketSink(track).getFirstPacket();
  for await (const packet of new EncodedPacketSink(track).packets()) {
    const key = packet.type === 'key';
    if (key) keys += 1;
    const publisherNs = Math.round((packet.timestamp - (first?.timestamp ?? 0)) * 1e9);
    const durationNs = Math.round(packet.duration * 1e9);
    packets.push(
      testPacket(packets.length, { key, publisherNs, deviceNs: publisherNs, durationNs, data: packet.data }),
    );
  }
  return { stream, packets, keys };
}

const base64 = (bytes: ArrayBufferView | ArrayBufferLike): string =>
  (ArrayBuffer.isView(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : Buffer.from(bytes)
  ).toString('base64');

/** The single stream of a file as ffprobe reads it. */
export interface Probe {
  codec: string;
  /** Seconds of the container, or null before sealing. */
  duration: number | null;
  title: string;
  packets: { pts: number; size: number; pos: number; key: boolean }[];
  /** Its warnings. */
  words: string;
}

export function probe(path: string): Probe {
  const output = execFileSync(
    'ffprobe',
    ['-v', 'warning', '-of', 'json', '-show_streams', '-show_format', '-show_packets', path],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const json = JSON.parse(output) as {
    streams: { codec_name: string }[];
    format: { duration?: string; tags?: { title?: string } };
    packets: { pts_time: string; size: string; pos: string; flags: string }[];
  };
  return {
    codec: json.streams[0]?.codec_name ?? '',
    duration: json.format.duration === undefined ? null : Number(json.format.duration),
    title: json.format.tags?.title ?? '',
    packets: json.packets.map((p) => ({
      pts: Number(p.pts_time),
      size: Number(p.size),
      pos: Number(p.pos),
      key: p.flags.includes('K'),
    })),
    words: '',
  };
}

/**
 * Decodes a whole file, or from `seekSeconds` on: pictures or sound samples, the first one's time, and all warnings.
 */
export function decode(path: string, seekSeconds?: number): { frames: number; firstPts: number; complaints: string } {
  const seek = seekSeconds === undefined ? [] : ['-read_intervals', `${seekSeconds}`];
  const entries = ['-show_entries', 'frame=pts_time,nb_samples', '-of', 'json'];
  // ffprobe writes its report to a separate file descriptor; separating the outputs otherwise would need a shell.
  const output = execFileSync('ffprobe', ['-v', 'error', ...seek, '-show_frames', ...entries, path], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  const { frames } = JSON.parse(output) as { frames: { pts_time?: string; nb_samples?: number }[] };
  const count = frames.reduce((sum, frame) => sum + (frame.nb_samples ?? 1), 0);
  return { frames: count, firstPts: Number(frames[0]?.pts_time), complaints: '' };
}
