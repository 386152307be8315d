import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from './crc32.ts';
import { FieldroomError } from './errors.ts';
import { type Channel, channelSchema } from './stream.ts';
import {
  decodePacket,
  decodeSamples,
  encodePacket,
  encodeParcel,
  encodeSamples,
  MAX_PARTS,
  peek,
  unpack,
} from './wire.ts';

const safe = fc.maxSafeInteger();
const seq = fc.maxSafeNat();
const channels = (types: Channel['type'][]): Channel[] =>
  types.map((type, i) => channelSchema.parse({ name: `c${i}`, type }));

const packet = fc.record({
  handle: fc.nat(65_535),
  seq,
  publisherNs: safe,
  deviceNs: fc.oneof(safe, fc.constant(Number.NaN)),
  durationNs: seq,
  key: fc.boolean(),
  data: fc.uint8Array({ maxLength: 300 }),
});
const u32 = fc.nat(0xffff_ffff);
const bounded = fc
  .tuple(packet, fc.option(fc.record({ earlyUs: u32, lateUs: u32 })))
  .map(([plain, bounds]) => (bounds ? { ...plain, bounds } : plain));

const batch = fc
  .tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.array(fc.constantFrom<Channel['type']>('number', 'integer', 'text'), { minLength: 1, maxLength: 6 }),
    fc.boolean(),
  )
  .chain(([count, types, device]) => {
    const numbers = fc
      .array(fc.oneof(fc.double(), safe), { minLength: count, maxLength: count })
      .map((values) => Float64Array.from(values));
    const texts = fc.array(fc.option(fc.string({ unit: 'binary' })), { minLength: count, maxLength: count });
    return fc.record({
      types: fc.constant(types),
      handle: fc.nat(65_535),
      firstSeq: seq,
      publisherNs: fc.array(safe, { minLength: count, maxLength: count }).map((times) => Float64Array.from(times)),
      deviceTime: device ? numbers : fc.constant(null),
      earlyUs: fc.option(
        fc.array(u32, { minLength: count, maxLength: count }).map((values) => Uint32Array.from(values)),
      ),
      columns: fc.tuple(...types.map((type) => (type === 'text' ? texts : numbers))),
    });
  });

describe('packets and samples as bytes', () => {
  it('a packet is decoded unchanged', () => {
    fc.assert(
      fc.property(bounded, (given) => {
        const whole = { ...given, crc32: crc32(given.data) };
        const bytes = encodePacket(whole);
        expect(decodePacket(bytes)).toEqual(whole);
        expect(peek(bytes)).toEqual({ kind: 1, handle: given.handle });
      }),
    );
  });

  it('a batch is decoded unchanged, at any alignment of its bytes', () => {
    fc.assert(
      fc.property(batch, fc.nat(15), ({ types, ...given }, shift) => {
        const bytes = encodeSamples(given);
        const moved = new Uint8Array(bytes.byteLength + shift).subarray(shift);
        moved.set(bytes);
        expect(decodeSamples(moved, channels(types))).toEqual(given);
      }),
    );
  });

  it('any bytes give a packet, a batch or a FieldroomError, never a crash', () => {
    const attempt = (work: () => unknown): void => {
      try {
        work();
      } catch (error) {
        expect(error).toBeInstanceOf(FieldroomError);
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(1, 2), (bytes, kind) => {
        if (bytes.length > 0) bytes[0] = kind;
        attempt(() => decodePacket(bytes));
        attempt(() => decodeSamples(bytes, channels(['number', 'text'])));
      }),
      { numRuns: 2000 },
    );
  });

  it('a batch that is cut anywhere is refused', () => {
    const bytes = encodeSamples({
      handle: 1,
      firstSeq: 0,
      publisherNs: Float64Array.of(1, 2),
      deviceTime: null,
      columns: [Float64Array.of(1, 2), ['a', null]],
    });
    for (let length = 0; length < bytes.byteLength; length += 1)
      expect(() => decodeSamples(bytes.slice(0, length), channels(['number', 'text']))).toThrow(FieldroomError);
  });
});

describe('the checksum', () => {
  it('matches that of zlib, in one piece or in two', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(400), (bytes, at) => {
        expect(crc32(bytes)).toBe(zlibCrc32(bytes));
        expect(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at)))).toBe(zlibCrc32(bytes));
      }),
    );
  });
});

describe('a parcel', () => {
  const messages = fc.array(fc.uint8Array({ minLength: 16, maxLength: 50 }), { minLength: 1, maxLength: 20 });

  it('returns its messages in order', () => {
    fc.assert(
      fc.property(messages, (given) => {
        expect(unpack(encodeParcel(given)).map((message) => [...message])).toEqual(
          given.map((message) => [...message]),
        );
      }),
    );
  });

  it('with empty or too many parts is refused', () => {
    expect(() => unpack(encodeParcel([new Uint8Array(0)]))).toThrow();
    const parts = (count: number) => encodeParcel(Array.from({ length: count }, () => new Uint8Array(16)));
    expect(unpack(parts(MAX_PARTS))).toHaveLength(MAX_PARTS);
    expect(() => unpack(parts(MAX_PARTS + 1))).toThrow();
  });

  it('that is truncated is refused, or ends between two messages', () => {
    fc.assert(
      fc.property(messages, fc.nat(), (given, at) => {
        const whole = encodeParcel(given);
        const cut = whole.subarray(0, 4 + (at % (whole.byteLength - 4)));
        let read: Uint8Array[];
        try {
          read = unpack(cut);
        } catch (error) {
          expect((error as FieldroomError).code).toBe('ingest.malformed');
          return;
        }
        expect(encodeParcel(read)).toEqual(cut.slice());
      }),
    );
  });
});
