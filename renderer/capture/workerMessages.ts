/**
 * What the capture window and its worker say to each other.
 *
 *   window: opens devices, talks to the door                ── open (track's readable, transferred) ──▶ worker
 *   worker: reads frames, encodes, checks times              ◀── packet, config, gap, level, preview ───
 *
 * All times are whole nanoseconds on the *window's* `performance.now()`: the clock that also answers the door's probes.
 * An `instance` counts the openings of a source, so that what an earlier opening still says is not taken for the new one's.
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
  /** First of all: the window's `performance.timeOrigin`, milliseconds. */
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
  /** How many frames it has read: answered by `counted`. `made`: by the browser's count, before it was asked. */
  | ({ type: 'count'; made: number } & Opening)
  /** What may leave now. `generation` counts the beginnings of sessions and pauses; packets carry it back. */
  | { type: 'publish'; generation: number; recording: boolean; live: boolean; paused: string[] }
  /** The next picture becomes a key frame. */
  | { type: 'keyFrame'; source: string }
  | { type: 'preview'; watching: boolean };

/** How a stream is decoded; `description` is the codec's private data. */
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
  /** Before the first packet that needs it, and again when it changes. `facts` say how it is encoded. */
  | ({ type: 'config'; config: VideoConfig | AudioConfig; facts: Record<string, unknown> } & Opening)
  /** `liveOnly`: nothing of it is recorded. */
  | ({ type: 'packet'; generation: number; liveOnly: boolean; packet: WorkerPacket } & Opening)
  /** The first frame or buffer of this opening came. */
  | ({ type: 'first'; atNs: number } & Opening)
  | ({ type: 'gap'; fromNs: number; toNs: number; cause: string; lost: number | null; detail: string } & Opening)
  /** Frames read and told as missing so far, and between which two since the last answer most time passed. */
  | ({
      type: 'counted';
      made: number;
      read: number;
      told: number;
      widest: { fromNs: number; toNs: number } | null;
    } & Opening)
  /** No frame for two seconds. */
  | ({ type: 'frozen'; sinceNs: number } & Opening)
  /** The track ended, or its readable broke. */
  | ({ type: 'ended'; atNs: number; detail: string } & Opening)
  /** No encoder takes what the device gives: it makes no sense to try again at once. */
  | ({ type: 'cannotEncode'; detail: string } & Opening)
  /** A hardware encoder failed and software took over, or the like: worth an event. */
  | ({ type: 'note'; level: 'info' | 'warn'; code: string; message: string } & Opening)
  | ({ type: 'level'; peak: number } & Opening)
  | ({ type: 'preview'; jpeg: Uint8Array<ArrayBuffer>; width: number; height: number; brightness: number } & Opening)
  /** Once a second: frames read, packets made, frames dropped here (`slow`: by the encoder), frames waiting in the encoder. */
  | ({
      type: 'stats';
      read: number;
      produced: number;
      dropped: number;
      slow: number;
      queue: number;
      clock: ClockFacts;
    } & Opening);

/** How a track's timestamps were brought onto the window's clock. */
export interface ClockFacts {
  /** `exact`: timestamps are on this clock already; `system`: shifted by one constant for all tracks; `own`: a shift of this track's own. */
  base: 'exact' | 'system' | 'own' | 'unknown';
  /** Window's clock minus media timestamp, nanoseconds. */
  offsetNs: number;
}
