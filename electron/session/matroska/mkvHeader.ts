/**
 * The header of a media file. mediabunny knows the codecs and writes the EBML header and the track. We add what it has
 * no option for: space for the seek index and the duration, which sealing fills in, and the delay of an Opus decoder
 * (CodecDelay), without which the audio is 6.5 ms late. See docs/decisions/0010-matroska-blocks.md.
 */
import { createHash } from 'node:crypto';
import type { AudioCodec, VideoCodec } from 'mediabunny';
import { fieldroomError } from '../../common/errors.ts';
import type { MediaStreamInfo } from '../../common/stream.ts';
import {
  concat,
  EbmlId,
  element,
  elements,
  idBytes,
  readHeader,
  textElement,
  UNKNOWN_SIZE,
  uintElement,
  voidElement,
} from './ebml.ts';

/** Nanoseconds of one tick of a file's timestamps. Finer than the usual 1 ms; blocks still reach 3.2 s from their cluster's start. */
export const TICK_NS = 100_000;
/** Bytes reserved near the start of the file for a SeekHead. */
export const SEEK_HEAD_BYTES = 128;
/** Bytes of a Duration element: 2 of id, 1 of size, 8 of data. A Void cannot be smaller than 9 in our form. */
export const DURATION_BYTES = 11;
const OPUS_SEEK_PREROLL_NS = 80_000_000;

/**
 * Frame rate of a video without a declared one: without a frame duration, readers assume thousands of frames per
 * second.
 */
const USUAL_RATE_HZ = 30;
/** Matroska counts dates from here (RFC 8794 section 7.6). */
const MATROSKA_EPOCH_MS = Date.UTC(2001, 0, 1);

/** Session facts that are written in each of its files. */
export interface FileSession {
  id: string;
  /** Wall time of session time 0, Unix nanoseconds: a file's times count from it, so it is the file's date. */
  zeroWallNs: bigint;
}

/** @throws FieldroomError `store.codec-unknown` if Matroska does not support the stream's codec. */
export async function mkvHeader(stream: MediaStreamInfo, session: FileSession): Promise<Uint8Array<ArrayBuffer>> {
  const { ebml, tracks } = await libraryHeader(stream);
  const simulated = stream.simulated ? 'SIMULATED DATA: ' : '';
  const info = element(
    EbmlId.Info,
    uintElement(EbmlId.TimestampScale, TICK_NS),
    dateElement(session.zeroWallNs),
    textElement(EbmlId.MuxingApp, 'Fieldroom with Mediabunny'),
    textElement(EbmlId.WritingApp, stream.simulated ? 'Fieldroom (simulated data)' : 'Fieldroom'),
    textElement(EbmlId.Title, `${simulated}${stream.label || stream.id}`),
    voidElement(DURATION_BYTES),
  );
  return concat([
    ebml,
    idBytes(EbmlId.Segment),
    UNKNOWN_SIZE,
    voidElement(SEEK_HEAD_BYTES),
    info,
    withFacts(tracks, stream, session),
  ]);
}

async function libraryHeader(stream: MediaStreamInfo): Promise<{ ebml: Uint8Array; tracks: Uint8Array }> {
  // Loaded when the first media stream is declared: it takes longer than opening a session.
  const { EncodedAudioPacketSource, EncodedVideoPacketSource, MkvOutputFormat, NullTarget, Output } = await import(
    'mediabunny'
  );
  let ebml: Uint8Array | null = null;
  let segment: Uint8Array | null = null;
  const format = new MkvOutputFormat({
    appendOnly: true,
    onEbmlHeader: (data) => {
      ebml = data.slice();
    },
    onSegmentHeader: (data) => {
      segment = data.slice();
    },
  });
  try {
    const output = new Output({ format, target: new NullTarget() });
    const name = stream.id;
    if (stream.kind === 'video') {
      const { codec, codedWidth, codedHeight } = stream.config;
      const decoderConfig = { codec, codedWidth, codedHeight, ...described(stream.config.description) };
      output.addVideoTrack(new EncodedVideoPacketSource(videoCodec(codec)), { name, decoderConfig });
    } else {
      const { codec, sampleRate, numberOfChannels } = stream.config;
      const description = codec === 'opus' ? opusHead(stream.config) : bytesOf(stream.config.description);
      const decoderConfig = { codec, sampleRate, numberOfChannels, ...(description ? { description } : {}) };
      output.addAudioTrack(new EncodedAudioPacketSource(codec as AudioCodec), { name, decoderConfig });
    }
    await output.start();
    await output.finalize();
  } catch (cause) {
    throw fieldroomError(
      'store.codec-unknown',
      { id: stream.id, detail: cause instanceof Error ? cause.message : String(cause) },
      { data: { codec: stream.config.codec }, cause },
    );
  }
  const head = segment as Uint8Array | null;
  const start = head && readHeader(head, 0);
  const tracks = start && [...elements(head.subarray(start.dataAt))].find((e) => e.id === EbmlId.Tracks);
  if (!ebml || !tracks) throw fieldroomError('store.codec-unknown:header', { id: stream.id });
  return { ebml, tracks: tracks.whole };
}

/**
 * The delay that a player subtracts from a block's time, nanoseconds: the track's blocks are written that much later.
 */
export function codecDelayNs(stream: MediaStreamInfo): number {
  if (stream.kind !== 'audio' || stream.config.codec !== 'opus') return 0;
  return Math.round((preSkipOf(stream.config) * 1e9) / 48_000);
}

/**
 * Completes the library's track with fields that it omits or makes equal in every file (RFC 9559 section 5.1.4.1): a
 * unique id, the nominal frame duration of a video, the delay of an Opus decoder.
 */
function withFacts(tracks: Uint8Array, stream: MediaStreamInfo, session: FileSession): Uint8Array {
  const [outer] = [...elements(tracks)];
  const [entry] = outer ? [...elements(outer.data)] : [];
  if (!entry) return tracks;
  const facts = [element(EbmlId.TrackUID, trackUid(stream, session))];
  if (stream.kind === 'video')
    facts.push(uintElement(EbmlId.DefaultDuration, Math.round(1e9 / (stream.nominalRateHz ?? USUAL_RATE_HZ))));
  if (codecDelayNs(stream) > 0)
    facts.push(
      uintElement(EbmlId.CodecDelay, codecDelayNs(stream)),
      uintElement(EbmlId.SeekPreRoll, OPUS_SEEK_PREROLL_NS),
    );
  const kept = [...elements(entry.data)].filter((e) => !REPLACED.includes(e.id)).map((e) => e.whole);
  const [number, ...rest] = kept as [Uint8Array, ...Uint8Array[]];
  return element(EbmlId.Tracks, element(EbmlId.TrackEntry, number, ...facts, ...rest));
}

const REPLACED: readonly number[] = [EbmlId.TrackUID, EbmlId.DefaultDuration, EbmlId.CodecDelay, EbmlId.SeekPreRoll];

/** The same for all files of a stream, different for all other streams of any session; never 0. */
function trackUid(stream: MediaStreamInfo, session: FileSession): Uint8Array {
  const uid = createHash('sha256').update(`${session.id}/${stream.id}`).digest().subarray(0, 7);
  uid[0] = (uid[0] as number) | 1;
  return uid;
}

/** A date is signed nanoseconds since 2001. */
function dateElement(wallNs: bigint): Uint8Array {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigInt64(0, wallNs - BigInt(MATROSKA_EPOCH_MS) * 1_000_000n);
  return element(EbmlId.DateUTC, data);
}

type AudioConfig = Extract<MediaStreamInfo, { kind: 'audio' }>['config'];

/** The encoder's OpusHead has priority; `preSkip` is used if there is none. */
function preSkipOf(config: AudioConfig): number {
  const head = opusHead(config);
  return (head[10] as number) | ((head[11] as number) << 8);
}

/** The identification header of RFC 7845 section 5.1, from the encoder or built from the configuration. */
function opusHead(config: AudioConfig): Uint8Array {
  const given = bytesOf(config.description);
  if (given && given.byteLength >= 19) return given;
  const head = new Uint8Array(19);
  head.set(new TextEncoder().encode('OpusHead'));
  const view = new DataView(head.buffer);
  view.setUint8(8, 1);
  view.setUint8(9, config.numberOfChannels);
  view.setUint16(10, config.preSkip, true);
  view.setUint32(12, config.sampleRate, true);
  return head;
}

const bytesOf = (base64: string | undefined): Uint8Array<ArrayBuffer> | undefined =>
  base64 === undefined ? undefined : new Uint8Array(Buffer.from(base64, 'base64'));

function described(base64: string | undefined): { description?: Uint8Array<ArrayBuffer> } {
  const description = bytesOf(base64);
  return description ? { description } : {};
}

function videoCodec(codec: string): VideoCodec {
  const known: [RegExp, VideoCodec][] = [
    [/^avc[13]/, 'avc'],
    [/^(hev1|hvc1)/, 'hevc'],
    [/^vp8/, 'vp8'],
    [/^vp09/, 'vp9'],
    [/^av01/, 'av1'],
  ];
  const found = known.find(([pattern]) => pattern.test(codec));
  if (!found) throw new Error(`the codec "${codec}" is not known`);
  return found[1];
}
