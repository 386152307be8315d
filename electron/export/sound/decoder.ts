/** Decodes sound packets to samples: Opus with libopus as WebAssembly, and plain PCM. */
import { OpusDecoder } from 'opus-decoder';
import { fieldroomError } from '../../common/errors.ts';

export interface SoundDecoder {
  /** The packet's samples by channel; null: it could not be decoded. */
  decode(packet: Uint8Array): Float32Array[] | null;
  /** Sample rate of the result of `decode`. */
  rateHz: number;
  free(): void;
}

interface AudioConfig {
  codec: string;
  sampleRate: number;
  numberOfChannels: number;
}

export function configOf(json: string): AudioConfig {
  return JSON.parse(json) as AudioConfig;
}

/** Sample rate of this codec after decoding, hertz. Opus always decodes to 48,000. */
export const decodedRate = ({ codec, sampleRate }: AudioConfig): number => (codec === 'opus' ? 48_000 : sampleRate);

/** @throws FieldroomError `export.sound-codec` */
export async function soundDecoder(config: AudioConfig): Promise<SoundDecoder> {
  const { codec, numberOfChannels } = config;
  const rateHz = decodedRate(config);
  if (codec === 'opus') {
    const channels = Math.min(2, numberOfChannels);
    const decoder = new OpusDecoder({
      channels,
      streamCount: 1,
      coupledStreamCount: channels - 1,
      channelMappingTable: channels === 1 ? [0] : [0, 1],
      preSkip: 0,
    });
    await decoder.ready;
    return {
      rateHz,
      decode(packet) {
        const { channelData, samplesDecoded } = decoder.decodeFrame(packet);
        return samplesDecoded > 0 ? channelData.map((channel) => channel.subarray(0, samplesDecoded)) : null;
      },
      free: () => decoder.free(),
    };
  }
  const sample = PCM[codec];
  if (!sample) throw fieldroomError('export.sound-codec', { codec });
  return { rateHz, decode: (packet) => deinterleave(packet, numberOfChannels, sample), free: () => undefined };
}

interface Pcm {
  bytes: number;
  read(view: DataView, at: number): number;
}

const PCM: Record<string, Pcm> = {
  'pcm-s16': { bytes: 2, read: (view, at) => view.getInt16(at, true) / 32_768 },
  'pcm-s16be': { bytes: 2, read: (view, at) => view.getInt16(at) / 32_768 },
  'pcm-s32': { bytes: 4, read: (view, at) => view.getInt32(at, true) / 2 ** 31 },
  'pcm-f32': { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  'pcm-u8': { bytes: 1, read: (view, at) => (view.getUint8(at) - 128) / 128 },
};

function deinterleave(packet: Uint8Array, channels: number, { bytes, read }: Pcm): Float32Array[] {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const count = Math.floor(packet.byteLength / bytes / channels);
  return Array.from({ length: channels }, (_, c) =>
    Float32Array.from({ length: count }, (_value, i) => read(view, (i * channels + c) * bytes)),
  );
}
