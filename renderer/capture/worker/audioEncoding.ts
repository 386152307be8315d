/** A microphone's encoder: Opus in packets of 20 ms without DTX, or unchanged 16-bit PCM. Both take mono or stereo floats. */
import type { AudioConfig, MicrophoneSettings } from '../workerMessages.ts';
import { correctedOpusHead, parseOpusHead } from './opusHead.ts';
import { bytesOf } from './videoEncoding.ts';

export const PACKET_MS = 20;

export interface AudioEncodingEvents {
  config(config: AudioConfig, facts: Record<string, unknown>): void;
  packet(data: Uint8Array<ArrayBuffer>): void;
  failed(reason: string): void;
}

export interface AudioEncoding {
  /** Interleaved floats at the device's rate, without holes. */
  encode(samples: Float32Array<ArrayBuffer>): void;
  readonly queue: number;
  close(): void;
}

export function audioEncoding(
  settings: MicrophoneSettings,
  { sampleRate, channels }: { sampleRate: number; channels: number },
  events: AudioEncodingEvents,
): AudioEncoding {
  return settings.codec === 'pcm'
    ? new PcmEncoding(channels, sampleRate, events)
    : new OpusEncoding(settings.bitrate, channels, sampleRate, events);
}

class OpusEncoding implements AudioEncoding {
  readonly #encoder: AudioEncoder;
  readonly #channels: number;
  readonly #sampleRate: number;
  #fed = 0;

  constructor(bitrate: number, channels: number, sampleRate: number, events: AudioEncodingEvents) {
    this.#channels = channels;
    this.#sampleRate = sampleRate;
    const facts = {
      codec: 'opus',
      bitrate,
      frameDurationMs: PACKET_MS,
      dtx: false,
      deviceSampleRate: sampleRate,
    };
    let declared = false;
    this.#encoder = new AudioEncoder({
      output: (chunk, metadata) => {
        const told = bytesOf(metadata?.decoderConfig?.description);
        if (told && !declared) {
          const description = correctedOpusHead(told, sampleRate);
          declared = true;
          events.config(
            {
              kind: 'audio',
              codec: 'opus',
              sampleRate: 48_000,
              numberOfChannels: channels,
              description,
              preSkip: parseOpusHead(description)?.preSkip ?? 0,
            },
            facts,
          );
        }
        const data = new Uint8Array(chunk.byteLength);
        chunk.copyTo(data);
        events.packet(data);
      },
      error: (error) => events.failed(String(error)),
    });
    const config: AudioEncoderConfig = {
      codec: 'opus',
      sampleRate,
      numberOfChannels: channels,
      bitrate,
      opus: { frameDuration: PACKET_MS * 1000, usedtx: false },
    };
    try {
      this.#encoder.configure(config);
    } catch (error) {
      events.failed(String(error));
    }
  }

  get queue(): number {
    return this.#encoder.encodeQueueSize;
  }

  encode(samples: Float32Array<ArrayBuffer>): void {
    if (this.#encoder.state !== 'configured') return;
    const numberOfFrames = samples.length / this.#channels;
    // The encoder only counts samples; its own timestamps are not used.
    const timestamp = Math.round((this.#fed * 1e6) / this.#sampleRate);
    this.#fed += numberOfFrames;
    const data = new AudioData({
      format: 'f32',
      sampleRate: this.#sampleRate,
      numberOfFrames,
      numberOfChannels: this.#channels,
      timestamp,
      data: samples,
    });
    this.#encoder.encode(data);
    data.close();
  }

  close(): void {
    if (this.#encoder.state !== 'closed') this.#encoder.close();
  }
}

class PcmEncoding implements AudioEncoding {
  readonly queue = 0;
  readonly #events: AudioEncodingEvents;
  readonly #packet: Int16Array<ArrayBuffer>;
  readonly #announce: () => void;
  #filled = 0;
  #announced = false;

  constructor(channels: number, sampleRate: number, events: AudioEncodingEvents) {
    this.#events = events;
    this.#packet = new Int16Array(Math.round((sampleRate * PACKET_MS) / 1000) * channels);
    this.#announce = () =>
      events.config(
        { kind: 'audio', codec: 'pcm-s16', sampleRate, numberOfChannels: channels, description: null, preSkip: 0 },
        { codec: 'pcm-s16', deviceSampleRate: sampleRate },
      );
  }

  encode(samples: Float32Array<ArrayBuffer>): void {
    if (!this.#announced) this.#announce();
    this.#announced = true;
    for (const sample of samples) {
      this.#packet[this.#filled] = Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
      this.#filled += 1;
      if (this.#filled < this.#packet.length) continue;
      this.#filled = 0;
      this.#events.packet(new Uint8Array(this.#packet.slice().buffer));
    }
  }

  close(): void {
    this.#filled = 0;
  }
}
