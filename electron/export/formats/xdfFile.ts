/** An XDF 1.0 file (github.com/sccn/xdf, Specifications): chunks of `[length][tag][content]`, little-endian. */
import { type FileHandle, open } from 'node:fs/promises';

const TAG = { fileHeader: 1, streamHeader: 2, samples: 3, clockOffset: 4, boundary: 5, streamFooter: 6 } as const;
const BOUNDARY = Buffer.from('43a546dccbf5410fb30ed546738383cbe4', 'hex');

export type XdfFormat = 'double64' | 'int64' | 'string';

export class XdfFile {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(path: string, datetime: string): Promise<XdfFile> {
    const xdf = new XdfFile(await open(path, 'w'));
    await xdf.#file.writeFile('XDF:');
    await xdf.#chunk(
      TAG.fileHeader,
      Buffer.from(`<?xml version="1.0"?><info><version>1.0</version><datetime>${datetime}</datetime></info>`),
    );
    return xdf;
  }

  header(stream: number, info: string): Promise<void> {
    return this.#chunk(TAG.streamHeader, Buffer.from(`<?xml version="1.0"?><info>${info}</info>`), stream);
  }

  /** @param stampsS one per sample, always written, because readers guess omitted ones from the rate. @param values by channel */
  samples(
    stream: number,
    format: XdfFormat,
    stampsS: ArrayLike<number>,
    values: readonly ArrayLike<number | string | null>[],
  ): Promise<void> {
    const count = stampsS.length;
    const head = Buffer.alloc(5);
    head.writeUInt8(4);
    head.writeUInt32LE(count, 1);
    const parts: Buffer[] = [head];
    if (format === 'string') {
      for (let i = 0; i < count; i += 1) {
        parts.push(stamp(stampsS[i] as number));
        for (const channel of values) {
          const text = Buffer.from(String(channel[i] ?? ''));
          const length = Buffer.alloc(5);
          length.writeUInt8(4);
          length.writeUInt32LE(text.byteLength, 1);
          parts.push(length, text);
        }
      }
    } else {
      const size = 9 + 8 * values.length;
      const rows = Buffer.alloc(count * size);
      for (let i = 0; i < count; i += 1) {
        rows.writeUInt8(8, i * size);
        rows.writeDoubleLE(stampsS[i] as number, i * size + 1);
        values.forEach((channel, c) => {
          const at = i * size + 9 + 8 * c;
          if (format === 'int64') rows.writeBigInt64LE(BigInt(channel[i] as number), at);
          else rows.writeDoubleLE((channel[i] as number | null) ?? Number.NaN, at);
        });
      }
      parts.push(rows);
    }
    return this.#chunk(TAG.samples, Buffer.concat(parts), stream);
  }

  /** A zero offset, because timestamps are already on the session's clock. */
  noOffset(stream: number, atS: number): Promise<void> {
    const content = Buffer.alloc(16);
    content.writeDoubleLE(atS, 0);
    return this.#chunk(TAG.clockOffset, content, stream);
  }

  boundary(): Promise<void> {
    return this.#chunk(TAG.boundary, BOUNDARY);
  }

  footer(stream: number, info: string): Promise<void> {
    return this.#chunk(TAG.streamFooter, Buffer.from(`<?xml version="1.0"?><info>${info}</info>`), stream);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** The length includes the tag, the stream id if present, and the content. */
  #chunk(tag: number, content: Buffer, stream?: number): Promise<void> {
    const id = stream === undefined ? 0 : 4;
    const head = Buffer.alloc(9 + 2 + id);
    head.writeUInt8(8);
    head.writeBigUInt64LE(BigInt(2 + id + content.byteLength), 1);
    head.writeUInt16LE(tag, 9);
    if (stream !== undefined) head.writeUInt32LE(stream, 11);
    return this.#file.writeFile(Buffer.concat([head, content]));
  }
}

function stamp(seconds: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(8);
  bytes.writeDoubleLE(seconds, 1);
  return bytes;
}
