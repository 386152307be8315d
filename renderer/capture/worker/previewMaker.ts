/** Small pictures for live viewing: at most 320 wide, four a second per camera, JPEG; none while nobody is watching. */
import type { FromWorker } from '../workerMessages.ts';

const MAX_WIDTH = 320;
const INTERVAL_NS = 245e6;
/** Drawn so small that scaling computes the mean. */
const [TINY_WIDTH, TINY_HEIGHT] = [16, 9];

export class PreviewMaker {
  #watching = false;
  readonly #send: (message: FromWorker, transfer?: Transferable[]) => void;
  readonly #tiny = new OffscreenCanvas(TINY_WIDTH, TINY_HEIGHT).getContext('2d', {
    alpha: false,
    willReadFrequently: true,
  });
  readonly #slots = new Map<string, { nextNs: number; busy: boolean; canvas: OffscreenCanvas }>();

  constructor(send: (message: FromWorker, transfer?: Transferable[]) => void) {
    this.#send = send;
  }

  watch(watching: boolean): void {
    this.#watching = watching;
    if (!watching) this.#slots.clear();
  }

  forget(source: string): void {
    this.#slots.delete(source);
  }

  /** Draws the frame when it is this source's turn; the caller keeps ownership of the frame. */
  offer(source: string, instance: number, frame: VideoFrame, nowNs: number): void {
    if (!this.#watching) return;
    const slot = this.#slots.get(source) ?? { nextNs: 0, busy: false, canvas: new OffscreenCanvas(1, 1) };
    this.#slots.set(source, slot);
    if (slot.busy || nowNs < slot.nextNs) return;
    slot.nextNs = Math.max(slot.nextNs + INTERVAL_NS, nowNs + INTERVAL_NS / 2);
    const width = Math.min(MAX_WIDTH, frame.displayWidth);
    const height = Math.max(1, Math.round((frame.displayHeight * width) / frame.displayWidth));
    if (slot.canvas.width !== width || slot.canvas.height !== height) Object.assign(slot.canvas, { width, height });
    const context = slot.canvas.getContext('2d', { alpha: false });
    if (!context) return;
    context.drawImage(frame, 0, 0, width, height);
    slot.busy = true;
    void this.#finish(source, instance, slot).catch(() => undefined);
  }

  async #finish(source: string, instance: number, slot: { busy: boolean; canvas: OffscreenCanvas }): Promise<void> {
    try {
      const { width, height } = slot.canvas;
      const brightness = this.#brightness(slot.canvas);
      const blob = await slot.canvas.convertToBlob({ type: 'image/jpeg', quality: 0.6 });
      const jpeg = new Uint8Array(await blob.arrayBuffer());
      if (this.#watching)
        this.#send({ type: 'preview', source, instance, jpeg, width, height, brightness }, [jpeg.buffer]);
    } finally {
      slot.busy = false;
    }
  }

  /** Mean of all pixels, 0 to 255. */
  #brightness(picture: OffscreenCanvas): number {
    if (!this.#tiny) return 255;
    this.#tiny.drawImage(picture, 0, 0, TINY_WIDTH, TINY_HEIGHT);
    const { data } = this.#tiny.getImageData(0, 0, TINY_WIDTH, TINY_HEIGHT);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4)
      sum += 0.299 * (data[i] ?? 0) + 0.587 * (data[i + 1] ?? 0) + 0.114 * (data[i + 2] ?? 0);
    return sum / (TINY_WIDTH * TINY_HEIGHT);
  }
}
