/** A WAV file of 16-bit PCM, written sequentially; above 4 GiB it becomes RF64 (EBU Tech 3306). */
import { type FileHandle, open } from 'node:fs/promises';

const HEAD_BYTES = 80;

export class WavFile {
  readonly #file: FileHandle;
  readonly #rateHz: number;
  readonly #channels: number;
  #bytes = 0;

  private constructor(file: FileHandle, rateHz: number, channels: number) {
    this.#file = file;
    this.#rateHz = rateHz;
    this.#channels = channels;
  }

  static async create(path: string, rateHz: number, channels: number): Promise<WavFile> {
    const file = await open(path, 'w');
    await file.write(new Uint8Array(HEAD_BYTES));
    return new WavFile(file, rateHz, channels);
  }

  /** @param channels as many arrays of samples from -1 to 1 as the file has channels */
  async write(channels: readonly Float32Array[]): Promise<void> {
    const count = channels[0]?.length ?? 0;
    const pcm = new Int16Array(count * this.#channels);
    channels.forEach((channel, c) => {
      for (let i = 0; i < count; i += 1)
        pcm[i * this.#channels + c] = Math.max(-32_768, Math.min(32_767, Math.round((channel[i] as number) * 32_768)));
    });
    await this.#file.writeFile(new Uint8Array(pcm.buffer));
    this.#bytes += pcm.byteLength;
  }

  /** Writes the header. */
  async close(): Promise<void> {
    try {
      const large = this.#bytes + HEAD_BYTES > 0xffff_ffff;
      const head = new DataView(new ArrayBuffer(HEAD_BYTES));
      const text = (at: number, word: string): void => {
        for (const [i, c] of [...word].entries()) head.setUint8(at + i, c.charCodeAt(0));
      };
      const frame = this.#channels * 2;
      text(0, large ? 'RF64' : 'RIFF');
      head.setUint32(4, large ? 0xffff_ffff : this.#bytes + HEAD_BYTES - 8, true);
      text(8, 'WAVE');
      // A placeholder that readers skip, replaced if the sizes need 64 bits.
      text(12, large ? 'ds64' : 'JUNK');
      head.setUint32(16, 28, true);
      if (large) {
        head.setBigUint64(20, BigInt(this.#bytes + HEAD_BYTES - 8), true);
        head.setBigUint64(28, BigInt(this.#bytes), true);
        head.setBigUint64(36, BigInt(this.#bytes / frame), true);
      }
      text(48, 'fmt ');
      head.setUint32(52, 16, true);
      head.setUint16(56, 1, true);
      head.setUint16(58, this.#channels, true);
      head.setUint32(60, this.#rateHz, true);
      head.setUint32(64, this.#rateHz * frame, true);
      head.setUint16(68, frame, true);
      head.setUint16(70, 16, true);
      text(72, 'data');
      head.setUint32(76, large ? 0xffff_ffff : this.#bytes, true);
      await this.#file.write(new Uint8Array(head.buffer), 0, HEAD_BYTES, 0);
    } finally {
      await this.#file.close();
    }
  }
}
