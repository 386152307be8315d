/**
 * The messages between the capture window and its worker.
 *
 *   window: opens devices, talks to the door                ── open (track's readable, transferred) ──▶ worker
 *   worker: reads frames, encodes, checks times              ◀── packet, config, gap, level, preview ───
 *
 * All times are whole nanoseconds on the *window's* `performance.now()`: the clock that also answers the door's probes.
 * An `instance` counts the openings of a source, so that messages from an earlier opening are not mistaken for the new
 * one's.
 */

import type { z } from 'zod';
import type { cameraSettingsSchema, microphoneSettingsSchema } from '../../electron/common/kit.ts';
import type { TimeBounds } from '../../electron/common/wire.ts';

export type CameraSettings = z.output<typeof cameraSettingsSchema>;
export type MicrophoneSettings = z.output<typeof microphoneSettingsSchema>;

interface Opening {
  source: string;
  instance: number;
}

export type ToWorker =
  /** Sent first: the window's `performance.timeOrigin`, in milliseconds. */
  | { type: 'start'; timeOriginMs: number }
  | ({
      type: 'openVideo';
      readable: ReadableStream<VideoFrame>;
      settings: CameraSettings;
      obtained: { width: number; height: number; frameRate: number };
      screen: boolean;
    } & Opening)
  | ({
      type: 'openAudio';
      readable: ReadableStream<AudioData>;
      settings: MicrophoneSettings;
      driftPpm: number;
    } & Opening)
  | ({ type: 'close' } & Opening)
  /** Requests the number of frames read, answered by `counted`. `made`: the browser's count, taken before the request. */
  | ({ type: 'count'; made: number } & Opening)
  /** What may be sent now. `generation` counts the starts of sessions and pauses; packets carry it back. */
  | { type: 'publish'; generation: number; recording: boolean; live: boolean; paused: string[] }
  /** Makes the next picture a key frame. */
  | { type: 'keyFrame'; source: string }
  | { type: 'preview'; watching: boolean };

/** How to decode a stream; `description` is the codec's private data. */
export interface VideoConfig {
  kind: 'video';
  codec: string;
  codedWidth: number;
  codedHeight: number;
  description: Uint8Array | null;
}
export interface AudioConfig {
  kind: 'audio';
  codec: string;
  sampleRate: number;
  numberOfChannels: number;
  description: Uint8Array | null;
  preSkip: number;
}

export interface WorkerPacket {
  publisherNs: number;
  deviceNs: number;
  durationNs: number;
  bounds: TimeBounds;
  key: boolean;
  crc32: number;
  data: Uint8Array<ArrayBuffer>;
}

export type FromWorker =
  /** Sent before the first packet that needs it, and again when it changes. `facts` describe the encoding. */
  | ({ type: 'config'; config: VideoConfig | AudioConfig; facts: Record<string, unknown> } & Opening)
  /** `liveOnly`: the packet is not recorded. */
  | ({ type: 'packet'; generation: number; liveOnly: boolean; packet: WorkerPacket } & Opening)
  /** The first frame or buffer of this opening arrived. */
  | ({ type: 'first'; atNs: number } & Opening)
  | ({ type: 'gap'; fromNs: number; toNs: number; cause: string; lost: number | null; detail: string } & Opening)
  /** Frames read and reported missing so far, and the two frames since the last answer with the most time between them. */
  | ({
      type: 'counted';
      made: number;
      read: number;
      told: number;
      widest: { fromNs: number; toNs: number } | null;
    } & Opening)
  /** No frame for two seconds. */
  | ({ type: 'frozen'; sinceNs: number } & Opening)
  /** The track ended, or its readable failed. */
  | ({ type: 'ended'; atNs: number; detail: string } & Opening)
  /** No encoder supports the device's format, so retrying immediately makes no sense. */
  | ({ type: 'cannotEncode'; detail: string } & Opening)
  /** A hardware encoder failed and software took over, or similar: worth an event. */
  | ({ type: 'note'; level: 'info' | 'warn'; code: string; message: string } & Opening)
  | ({ type: 'level'; peak: number } & Opening)
  | ({ type: 'preview'; jpeg: Uint8Array<ArrayBuffer>; width: number; height: number; brightness: number } & Opening)
  /**
   * Once a second: frames read, packets produced, frames dropped here (`slow`: by the encoder), frames waiting in the
   * encoder.
   */
  | ({
      type: 'stats';
      read: number;
      produced: number;
      dropped: number;
      slow: number;
      queue: number;
      clock: ClockFacts;
    } & Opening);

/** How a track's timestamps were mapped to the window's clock. */
export interface ClockFacts {
  /**
   * `exact`: timestamps already use this clock; `system`: shifted by one constant for all tracks; `own`: shifted by a
   * constant of this track.
   */
  base: 'exact' | 'system' | 'own' | 'unknown';
  /** Window's clock minus media timestamp, nanoseconds. */
  offsetNs: number;
}
