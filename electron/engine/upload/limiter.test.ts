import { describe, expect, it } from 'vitest';
import { Limiter } from './limiter.ts';

const MIB = 1024 * 1024;

describe('memory for parts', () => {
  it('is passed from part to part, never to two at once', async () => {
    const limiter = new Limiter({ memoryBytes: 32 * MIB });
    const first = await limiter.enter(8 * MIB);
    const second = await limiter.enter(5 * MIB);
    expect(first.memory.length).toBe(8 * MIB);
    expect(second.memory.length).toBe(5 * MIB);
    expect(second.memory.buffer).not.toBe(first.memory.buffer);
    const { buffer } = first.memory;
    first.leave();
    first.leave();
    const third = await limiter.enter(7 * MIB);
    const fourth = await limiter.enter(7 * MIB);
    expect(third.memory.buffer).toBe(buffer);
    expect(fourth.memory.buffer).not.toBe(buffer);
  });

  it('that a broken request may still read is not reused', async () => {
    const limiter = new Limiter();
    const first = await limiter.enter(8 * MIB);
    const { buffer } = first.memory;
    first.spoil();
    expect(first.memory.buffer).not.toBe(buffer);
    first.spoil();
    first.leave();
    expect((await limiter.enter(8 * MIB)).memory.buffer).not.toBe(buffer);
  });

  it('is large enough for an oversized part, which is sent alone', async () => {
    const limiter = new Limiter({ memoryBytes: 10 * MIB });
    (await limiter.enter(MIB)).leave();
    const large = await limiter.enter(20 * MIB);
    expect(large.memory.length).toBe(20 * MIB);
    let entered = false;
    const next = limiter.enter(MIB).then((slot) => {
      entered = true;
      return slot;
    });
    await new Promise((done) => setTimeout(done, 20));
    expect(entered).toBe(false);
    large.leave();
    expect((await next).memory.length).toBe(MIB);
  });
});
