/** The files of one media stream: assigns packets to files and gives them their time in the file. */
import type { MediaStreamInfo } from '../../common/stream.ts';
import type { Packet } from '../../common/wire.ts';
import { makeFolderInside } from '../../session/folder/files.ts';
import type { SegmentRow } from '../../session/format/rows.ts';
import { MediaFile } from '../../session/matroska/mediaFile.ts';
import { codecDelayNs } from '../../session/matroska/mkvHeader.ts';

/**
 * A new file starts at this size: FAT32 does not allow 4 GiB, and it limits what an upload must repeat. The space up to
 * 2 GiB is for packets until the next key frame, and for the index of key frames that sealing adds.
 */
const MOST_BYTES = 2 ** 31 - 64 * 2 ** 20;
/** A pause this long starts a new file. */
const PAUSE_NS = 30e9;
/** A file's time follows the media's own timestamps, which are adjusted to the publisher's clock at this rate. */
const DRAW_NS = 10e9;
const JUMP_NS = 250e6;

export interface Placed {
  segment: SegmentRow;
  /** True for the first packet of a segment, whose row is new. */
  fresh: boolean;
  offset: number;
}

export class MediaWriter {
  readonly #folder: string;
  readonly #streamNumber: number;
  readonly #newSegmentId: () => number;
  readonly #mostBytes: number;
  #stream: MediaStreamInfo;
  #header: Uint8Array;
  /** Of the decoder: blocks are written that much later. */
  #delayNs: number;
  #file: MediaFile | null;
  #segment: SegmentRow | null;
  #number: number;
  #wanted: string | null;
  #base = { fileNs: 0, publisherNs: 0, deviceNs: Number.NaN, drawnNs: 0 };
  #lastPublisherNs: number | null = null;

  /** @param last the newest segment of an earlier run, opened again at its end; it takes packets until a key frame lets a new file begin. @param mostBytes of a file, before it waits for a key frame */
  constructor(
    folder: string,
    streamNumber: number,
    stream: MediaStreamInfo,
    header: Uint8Array,
    newSegmentId: () => number,
    last: { segment: SegmentRow; endBytes: number; fileNs: number; publisherNs: number } | null,
    mostBytes = MOST_BYTES,
  ) {
    this.#mostBytes = mostBytes;
    this.#folder = folder;
    this.#streamNumber = streamNumber;
    this.#stream = stream;
    this.#header = header;
    this.#newSegmentId = newSegmentId;
    this.#delayNs = codecDelayNs(stream);
    this.#segment = last?.segment ?? null;
    this.#number = last?.segment.number ?? 0;
    this.#wanted = last ? 'reopened' : 'first';
    this.#file = last ? MediaFile.reopen(folder, last.segment.file, last.endBytes, stream.kind === 'video') : null;
    if (last) {
      this.#base = { fileNs: last.fileNs, publisherNs: last.publisherNs, deviceNs: Number.NaN, drawnNs: 0 };
      this.#lastPublisherNs = last.publisherNs;
    }
  }

  get file(): MediaFile | null {
    return this.#file;
  }

  /** The stream was declared again. */
  redeclare(stream: MediaStreamInfo, header: Uint8Array): void {
    if (JSON.stringify(stream.config) !== JSON.stringify(this.#stream.config)) this.#wanted ??= 'config';
    this.#stream = stream;
    this.#header = header;
    this.#delayNs = codecDelayNs(stream);
  }

  /**
   * Writes a packet. @param sessionNs its session time by the live fit, or null where there is none yet.
   * @param onClosed gets the file that this packet left behind: it still has to be synced and closed.
   */
  accept(packet: Packet, clock: number, sessionNs: number | null, onClosed: (file: MediaFile) => void): Placed {
    if (this.#segment && this.#segment.clock !== clock) this.#wanted ??= 'publisher';
    if (this.#lastPublisherNs !== null && packet.publisherNs - this.#lastPublisherNs > PAUSE_NS)
      this.#wanted ??= 'pause';
    if ((this.#file?.endBytes ?? 0) + packet.data.byteLength > this.#mostBytes) this.#wanted ??= 'size';
    const fresh = this.#wanted !== null && (packet.key || this.#file === null || this.#segment?.clock !== clock);
    if (fresh) this.#begin(packet, clock, sessionNs, onClosed);
    this.#lastPublisherNs = packet.publisherNs;
    // A file cannot have negative times. A packet from before the session's zero is placed at 0; all later ones keep
    // their own time.
    const timeNs = Math.max(0, this.#fileTime(packet) + this.#delayNs);
    const offset = (this.#file as MediaFile).append(timeNs, packet.key, packet.data);
    return { segment: this.#segment as SegmentRow, fresh, offset };
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #begin(packet: Packet, clock: number, sessionNs: number | null, onClosed: (file: MediaFile) => void): void {
    // A name is used only once, even if creating the file fails.
    this.#number += 1;
    const number = this.#number;
    makeFolderInside(this.#folder, `media/${this.#stream.id}`);
    const path = `media/${this.#stream.id}/${String(number).padStart(4, '0')}.mkv`;
    const file = MediaFile.create(this.#folder, path, this.#header, this.#stream.kind === 'video');
    if (this.#file) onClosed(this.#file);
    this.#file = file;
    const fileStartNs = sessionNs ?? this.#fileTimeAfterLast(packet);
    this.#segment = {
      id: this.#newSegmentId(),
      stream: this.#streamNumber,
      number,
      file: path,
      clock,
      firstSeq: packet.seq,
      fileStartNs,
      reason: this.#wanted as string,
      config: JSON.stringify(this.#stream.config),
    };
    this.#wanted = null;
    this.#base = { fileNs: fileStartNs, publisherNs: packet.publisherNs, deviceNs: packet.deviceNs, drawnNs: 0 };
  }

  /** Without a fit the best estimate: continue the previous file's time. */
  #fileTimeAfterLast(packet: Packet): number {
    if (!this.#segment || this.#lastPublisherNs === null) return 0;
    return this.#base.fileNs + Math.max(0, packet.publisherNs - this.#base.publisherNs);
  }

  #fileTime(packet: Packet): number {
    const base = this.#base;
    const byPublisher = packet.publisherNs - base.publisherNs;
    const byDevice = packet.deviceNs - base.deviceNs;
    if (Number.isNaN(byDevice)) return base.fileNs + byPublisher;
    const apart = byPublisher - byDevice - base.drawnNs;
    base.drawnNs += Math.abs(apart) > JUMP_NS ? apart : apart * Math.min(1, packet.durationNs / DRAW_NS);
    return base.fileNs + byDevice + base.drawnNs;
  }
}
