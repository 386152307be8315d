/**
 * Simulates a microphone quartz with a different rate, for the sync bench: the same sound in a few more samples (or
 * fewer), with the stamps that the device gave. A sound card that is 50 ppm fast delivers 48,002.4 samples a second and
 * calls them 48,000.
 */
export class OtherQuartz {
  readonly #step: number;
  /** Position of the next sample, counted from the first one of the next buffer; -1 is the last one before it. */
  #at = 0;
  #last: number[] = [];

  /** @param ppm positive: more samples than the device delivered. */
  constructor(ppm: number) {
    this.#step = 1 / (1 + ppm * 1e-6);
  }

  /** The buffer's channels at the new rate, by linear interpolation. */
  resample(planes: readonly Float32Array[]): Float32Array<ArrayBuffer>[] {
    const count = planes[0]?.length ?? 0;
    const first = this.#at;
    const made = Math.max(0, Math.floor((count - 1 - first) / this.#step) + 1);
    const out = planes.map((plane, channel) => {
      const before = this.#last[channel] ?? 0;
      return Float32Array.from({ length: made }, (_, i) => {
        const at = first + i * this.#step;
        const left = Math.floor(at);
        const [a, b] = [left < 0 ? before : (plane[left] as number), plane[Math.min(count - 1, left + 1)] as number];
        return a + (b - a) * (at - left);
      });
    });
    this.#at = first + made * this.#step - count;
    this.#last = planes.map((plane) => plane.at(-1) ?? 0);
    return out;
  }
}

/** A microphone's buffers at a different rate. */
export function atOtherPace(readable: ReadableStream<AudioData>, ppm: number): ReadableStream<AudioData> {
  const quartz = new OtherQuartz(ppm);
  return readable.pipeThrough(
    new TransformStream<AudioData, AudioData>({
      transform: (data, controller) => {
        const planes = Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
          const plane = new Float32Array(data.numberOfFrames);
          data.copyTo(plane, { planeIndex, format: 'f32-planar' });
          return plane;
        });
        const out = quartz.resample(planes);
        const frames = out[0]?.length ?? 0;
        const all = new Float32Array(frames * out.length);
        for (const [i, plane] of out.entries()) all.set(plane, i * frames);
        const { sampleRate, timestamp } = data;
        data.close();
        if (frames > 0)
          controller.enqueue(
            new AudioData({
              format: 'f32-planar',
              sampleRate,
              timestamp,
              numberOfFrames: frames,
              numberOfChannels: out.length,
              data: all,
            }),
          );
      },
    }),
  );
}
