import { describe, expect, it } from 'vitest';
import { Traffic } from './limiter.ts';

const MIB = 1024 * 1024;

describe('memory for parts', () => {
  it('goes from part to part, never to two at once', async () => {
    const traffic = new Traffic({ memoryBytes: 32 * MIB });
    const first = await traffic.enter(8 * MIB);
    const second = await traffic.enter(5 * MIB);
    expect(first.memory.length).toBe(8 * MIB);
    expect(second.memory.length).toBe(5 * MIB);
    expect(second.memory.buffer).not.toBe(first.memory.buffer);
    const { buffer } = first.memory;
    first.leave();
    first.leave();
    const third = await traffic.enter(7 * MIB);
    const fourth = await traffic.enter(7 * MIB);
    expect(third.memory.buffer).toBe(buffer);
    expect(fourth.memory.buffer).not.toBe(buffer);
  });

  it('that a broken request may still read goes to nobody', async () => {
    const traffic = new Traffic();
    const first = await traffic.enter(8 * MIB);
    const { buffer } = first.memory;
    first.spoil();
    expect(first.memory.buffer).not.toBe(buffer);
    first.spoil();
    first.leave();
    expect((await traffic.enter(8 * MIB)).memory.buffer).not.toBe(buffer);
  });

  it('is long enough for a part larger than the usual, which goes alone', async () => {
    const traffic = new Traffic({ memoryBytes: 10 * MIB });
    (await traffic.enter(MIB)).leave();
    const large = await traffic.enter(20 * MIB);
    expect(large.memory.length).toBe(20 * MIB);
    let entered = false;
    const next = traffic.enter(MIB).then((lane) => {
      entered = true;
      return lane;
    });
    await new Promise((done) => setTimeout(done, 20));
    expect(entered).toBe(false);
    large.leave();
    expect((await next).memory.length).toBe(MIB);
  });
});
