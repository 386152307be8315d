/** A WebCodecs decoder that takes packets of one camera and puts pictures into a queue, by sequence number. */
import { fieldroomError } from '../../../electron/common/errors.ts';
import { fromBase64 } from '../../components/base64.ts';
import { FrameQueue } from './frameQueue.ts';
import type { BytesOf } from './groupBytes.ts';
import type { MediaPacket } from './packetTimeline.ts';

/** A decoder that holds back the last picture is flushed after this long without output. */
const FLUSH_AFTER_MS = 30;
/** Maximum number of packets waiting in the decoder. */
const MOST_WAITING = 8;

export class PictureDecoder {
  readonly kitStore = new FrameQueue<VideoFrame>();
  #decoder: VideoDecoder | null = null;
  #path = '';
  /** Sequence number of the last packet decoded; -1: the next one has to be a key picture. */
  #fedSeq = -1;
  #failed: Error | null = null;
  #wake: (() => void) | null = null;
  /** This codec outputs a picture only when it gets the next packet, or when it is flushed. */
  #holdsBack = false;

  get fedSeq(): number {
    return this.#fedSeq;
  }

  /** @throws FieldroomError `review.decoder` @returns false: a delta picture whose reference is missing */
  async feed(packet: MediaPacket, bytes: BytesOf): Promise<boolean> {
    if (this.#decoder?.state !== 'configured' || this.#path !== packet.file.path) {
      if (!packet.key) return false;
      this.#open(packet);
    }
    if (this.#fedSeq < 0 && !packet.key) return false;
    const decoder = this.#decoder as VideoDecoder;
    const type = packet.key ? 'key' : 'delta';
    decoder.decode(new EncodedVideoChunk({ type, timestamp: packet.seq, data: bytes(packet) }));
    this.#fedSeq = packet.seq;
    while (decoder.decodeQueueSize > MOST_WAITING && !this.#failed) await this.#sign();
    this.#check();
    return true;
  }

  /** Waits for the picture of the last packet. @throws FieldroomError `review.decoder` */
  async wait(seq: number): Promise<void> {
    const decoder = this.#decoder;
    while (decoder && !this.kitStore.has(seq) && !this.#failed && decoder.state === 'configured') {
      const idle = decoder.decodeQueueSize === 0;
      if (idle && this.#holdsBack) break;
      if (!(await this.#sign()) && idle) this.#holdsBack = true;
    }
    if (decoder?.state === 'configured' && !this.kitStore.has(seq) && !this.#failed) {
      await decoder.flush().catch(() => undefined);
      this.#fedSeq = -1;
    }
    this.#check();
  }

  /** Discards everything decoded or still to come out; the next packet has to be a key picture. */
  drop(): void {
    this.#fedSeq = -1;
    this.kitStore.clear();
    this.kitStore.setFloor(Number.POSITIVE_INFINITY);
  }

  close(): void {
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = null;
    this.#fedSeq = -1;
    this.kitStore.clear();
    this.#wake?.();
  }

  #open({ file }: MediaPacket): void {
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#failed = null;
    this.#fedSeq = -1;
    this.#path = file.path;
    const decoder = new VideoDecoder({
      output: (frame) => {
        this.kitStore.put(frame);
        this.#wake?.();
      },
      error: (error) => {
        this.#failed = error;
        this.#wake?.();
      },
    });
    decoder.ondequeue = () => this.#wake?.();
    decoder.configure({
      codec: file.codec,
      ...(file.width === null || file.height === null ? {} : { codedWidth: file.width, codedHeight: file.height }),
      ...(file.description === null ? {} : { description: fromBase64(file.description) }),
      optimizeForLatency: true,
    });
    this.#decoder = decoder;
  }

  /** @returns false: nothing happened for a while */
  #sign(): Promise<boolean> {
    return new Promise((done) => {
      const timer = window.setTimeout(() => done(false), FLUSH_AFTER_MS);
      this.#wake = () => {
        window.clearTimeout(timer);
        done(true);
      };
    });
  }

  #check(): void {
    if (!this.#failed) return;
    const cause = this.#failed;
    this.close();
    throw fieldroomError('review.decoder', {}, { cause });
  }
}
