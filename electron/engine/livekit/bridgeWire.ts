/**
 * The protocol with the bridge (native/bridge/wire has the other side and the specification): frames of `u32 length
 * (little-endian) | body` both ways. A body that begins with `{` is JSON; otherwise its first byte is its kind.
 */
import { z } from 'zod';
import { PACKET_HEADER_BYTES, packetHeadBytes } from '../../common/wire.ts';

export const BRIDGE_PROTOCOL = 1;

const DATA = 4;
const RECORDED = 5;
const RECORDED_DATA = 6;
const DATA_HEADER_BYTES = 16;
const RECORDED_HEADER_BYTES = 32;
const RECORDED_DATA_HEADER_BYTES = 24;
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

export type BridgeOrder =
  | { type: 'hello'; protocol: number; engineNs: number; wallOffsetNs: number }
  /** Without a `url` the bridge leaves the room. */
  | { type: 'room'; url?: string; token?: string }
  | BridgeTrack
  | { type: 'data'; handle: number; name: string }
  | { type: 'untrack'; handle: number }
  | { type: 'mute'; handle: number; muted: boolean }
  | { type: 'describe'; attributes: Record<string, string> }
  /** `own`: identities that are not recorded from the room. Without `on` the room is watched and nothing recorded. */
  | { type: 'record'; url?: string; token?: string; own: string[]; on: boolean };

export interface BridgeTrack {
  type: 'track';
  handle: number;
  name: string;
  kind: 'video' | 'audio';
  source: 'camera' | 'microphone' | 'screen';
  codec: string;
  /** Base64. */
  description?: string;
  width?: number;
  height?: number;
  channels?: number;
  muted: boolean;
}

const handle = z.number().int().min(0).max(65_535);
const foreignSchema = z.object({
  identity: z.string(),
  name: z.string().default(''),
  sid: z.string().default(''),
  track: z.string().default(''),
  kind: z.enum(['video', 'audio', 'data']),
  source: z.string().default('unknown'),
  codec: z.string().default(''),
});
/** A track of a participant that is not the appliance. */
export type Foreign = z.infer<typeof foreignSchema>;

const mediaSchema = z.object({
  codec: z.string(),
  width: z.number().int().default(0),
  height: z.number().int().default(0),
  description: z.string().optional(),
  channels: z.number().int().default(0),
  preSkip: z.number().int().default(0),
});

const told = { code: z.string().default(''), message: z.string().default('') };
const reportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), protocol: z.number() }),
  z.object({ type: z.literal('failed'), ...told }),
  z.object({ type: z.literal('live'), state: z.enum(['connecting', 'connected', 'off']), ...told }),
  z.object({ type: z.literal('published'), handle, sid: z.string() }),
  z.object({ type: z.literal('refused'), handle, ...told }),
  z.object({ type: z.literal('keyFrame'), handle }),
  z.object({ type: z.literal('watched'), handle, watched: z.boolean().default(false) }),
  z.object({ type: z.literal('recorder'), state: z.enum(['connecting', 'connected', 'off']), ...told }),
  z.object({
    type: z.literal('foreign'),
    foreign: foreignSchema,
    state: z.enum(['waiting', 'recorded', 'refused', 'ended']),
    ...told,
  }),
  z.object({ type: z.literal('stream'), handle, foreign: foreignSchema, media: mediaSchema.optional() }),
  z.object({
    type: z.literal('gap'),
    handle,
    fromNs: z.number(),
    toNs: z.number(),
    cause: z.string(),
    lost: z.number().default(0),
  }),
  z.object({ type: z.literal('end'), handle, fromNs: z.number(), cause: z.string() }),
  z.object({
    type: z.literal('message'),
    foreign: foreignSchema,
    fromNs: z.number(),
    topic: z.string().default(''),
    text: z.string().default(''),
    /** `base64` where the bytes are not text. */
    state: z.string().default(''),
    ...told,
  }),
]);
export type BridgeReport = z.infer<typeof reportSchema>;

/** An encoded packet of a participant's track, or one frame of its data track. */
export type BridgeRecorded =
  | {
      kind: 'packet';
      handle: number;
      key: boolean;
      /** On the engine's clock. */
      timeNs: number;
      /** The sender's own RTP time. */
      mediaNs: number;
      durationNs: number;
      data: Uint8Array;
    }
  | { kind: 'data'; handle: number; timeNs: number; userTimestamp: bigint; data: Uint8Array };

export function orderFrame(order: BridgeOrder): Buffer {
  const body = Buffer.from(JSON.stringify(order));
  const frame = Buffer.allocUnsafe(4 + body.byteLength);
  frame.writeUInt32LE(body.byteLength, 0);
  body.copy(frame, 4);
  return frame;
}

/** A packet as received at the door, with the bridge's handle and on the engine's clock. */
export function packetFrame(packet: Uint8Array, bridgeHandle: number, engineNs: number): Buffer | null {
  const headBytes = packetHeadBytes(packet);
  if (packet.byteLength < headBytes) return null;
  const length = PACKET_HEADER_BYTES + packet.byteLength - headBytes;
  const frame = Buffer.allocUnsafe(4 + length);
  frame.writeUInt32LE(length, 0);
  frame.set(packet.subarray(0, PACKET_HEADER_BYTES), 4);
  frame.set(packet.subarray(headBytes), 4 + PACKET_HEADER_BYTES);
  frame.writeUInt8((packet[1] ?? 0) & 1, 4 + 1);
  frame.writeUInt16LE(bridgeHandle, 4 + 2);
  frame.writeDoubleLE(engineNs, 4 + 16);
  return frame;
}

export function dataFrame(bridgeHandle: number, userTimestamp: bigint, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + DATA_HEADER_BYTES + payload.byteLength);
  frame.writeUInt32LE(DATA_HEADER_BYTES + payload.byteLength, 0);
  frame.writeUInt8(DATA, 4);
  frame.writeUInt16LE(bridgeHandle, 6);
  frame.writeBigUInt64LE(userTimestamp, 12);
  frame.set(payload, 4 + DATA_HEADER_BYTES);
  return frame;
}

export interface BridgeReader {
  onReport(report: BridgeReport): void;
  onRecorded(recorded: BridgeRecorded): void;
}

/** Splits the bridge's output into frames. @throws Error when it is not of this protocol */
export class BridgeFrames {
  readonly #reader: BridgeReader;
  #rest: Buffer = Buffer.alloc(0);

  constructor(reader: BridgeReader) {
    this.#reader = reader;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.byteLength === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.byteLength - at >= 4) {
      const length = bytes.readUInt32LE(at);
      if (length === 0 || length > MAX_FRAME_BYTES) throw new Error(`a frame of ${length} bytes is not possible`);
      if (bytes.byteLength - at - 4 < length) break;
      this.#frame(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  #frame(body: Buffer): void {
    switch (body[0]) {
      case 0x7b:
        this.#reader.onReport(reportSchema.parse(JSON.parse(body.toString('utf8'))));
        break;
      case RECORDED:
        this.#reader.onRecorded({
          kind: 'packet',
          handle: body.readUInt16LE(2),
          key: ((body[1] ?? 0) & 1) === 1,
          timeNs: body.readDoubleLE(8),
          mediaNs: body.readDoubleLE(16),
          durationNs: body.readDoubleLE(24),
          data: body.subarray(RECORDED_HEADER_BYTES),
        });
        break;
      case RECORDED_DATA:
        this.#reader.onRecorded({
          kind: 'data',
          handle: body.readUInt16LE(2),
          timeNs: body.readDoubleLE(8),
          userTimestamp: body.readBigUInt64LE(16),
          data: body.subarray(RECORDED_DATA_HEADER_BYTES),
        });
        break;
      default:
        throw new Error(`a frame of kind ${body[0]} is not known`);
    }
  }
}
