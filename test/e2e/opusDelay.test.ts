/** Measures the delay of the browser's Opus path, which packet times compensate. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encoderDelay } from '../../renderer/capture/worker/encoderDelay.ts';
import { correctedOpusHead, parseOpusHead } from '../../renderer/capture/worker/opusHead.ts';

// A string, because the page's types are not available here.
const MEASURE = `async (rate) => {
  const packets = [];
  let head = [];
  const encoder = new AudioEncoder({ error: (error) => { throw error; }, output: (chunk, metadata) => {
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    packets.push(data);
    const told = metadata?.decoderConfig?.description;
    if (told) head = [...new Uint8Array(told.buffer ?? told)];
  } });
  encoder.configure({ codec: 'opus', sampleRate: rate, numberOfChannels: 1, bitrate: 96000, opus: { frameDuration: 20000 } });
  const at = Math.floor(rate * 0.7);
  const pulse = (t) => Math.exp(-(t * t) / (2 * 0.0005 ** 2));
  for (let from = 0; from < rate * 1.5; from += 1000) {
    const data = new Float32Array(1000).map((_, i) => 0.7 * pulse((from + i - at) / rate));
    const audio = new AudioData({ format: 'f32', sampleRate: rate, numberOfFrames: 1000, numberOfChannels: 1, timestamp: Math.round((from * 1e6) / rate), data });
    encoder.encode(audio);
    audio.close();
  }
  await encoder.flush();
  const pcm = [];
  const decoder = new AudioDecoder({ error: (error) => { throw error; }, output: (audio) => {
    const floats = new Float32Array(audio.numberOfFrames);
    audio.copyTo(floats, { planeIndex: 0, format: 'f32-planar' });
    pcm.push(...floats);
    audio.close();
  } });
  // Without a description, no samples are dropped at the start: sample 0 is the first packet's first.
  decoder.configure({ codec: 'opus', sampleRate: 48000, numberOfChannels: 1 });
  packets.forEach((data, i) => decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: i * 20000, data })));
  await decoder.flush();
  const expected = (at * 48000) / rate;
  const scores = [];
  for (let shift = 0; shift < 1500; shift += 1) {
    let score = 0;
    for (let j = -200; j <= 200; j += 1) {
      const i = Math.round(expected + shift) + j;
      score += (pcm[i] ?? 0) * pulse((i - expected - shift) / 48000);
    }
    scores.push(score);
  }
  return { head, delay: scores.indexOf(Math.max(...scores)) };
}`;

let browser: Browser;
const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html>'));
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  browser = await chromium.launch({
    executablePath: process.env.FIELDROOM_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
});
afterAll(async () => {
  await browser?.close();
  server.close();
});

it.each([48_000, 44_100, 16_000, 96_000, 22_050, 32_000])(
  'at %d Hz the sound is late by what we count',
  async (rate) => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const { head, delay } = await page.evaluate<{ head: number[]; delay: number }>(`(${MEASURE})(${rate})`);
    await page.close();
    const preSkip = parseOpusHead(correctedOpusHead(Uint8Array.from(head), rate))?.preSkip ?? 0;
    expect(preSkip).toBe(312);
    expect(Math.abs(delay - (encoderDelay('opus', preSkip, rate) * 48_000) / rate)).toBeLessThan(1.6);
  },
);
