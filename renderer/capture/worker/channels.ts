/**
 * Selects which of a microphone's channels are recorded. The sum of two channels of opposite polarity is silence (a
 * balanced microphone in a stereo jack), so if one channel is requested, the louder of the two is recorded and people
 * are informed.
 */

export interface ChannelChoice {
  /** Channels to record; absent: as many as the device has, at most two. */
  channels?: 1 | 2 | undefined;
  /** One of the device's channels, or all of them. */
  input: 'all' | 'left' | 'right';
}

/** Below this share of full opposition, the two channels differ in content. */
const OPPOSITE = -0.9;
/** Sound above this mean square (-60 dB) is judged, over this many samples before anything is reported. */
const AUDIBLE = 1e-6;
const JUDGED_SAMPLES = 4_800;

export class Channels {
  readonly #choice: ChannelChoice;
  #judged = 0;
  #energy: [number, number] = [0, 0];
  #product = 0;
  #opposite = false;

  constructor(choice: ChannelChoice) {
    this.#choice = choice;
  }

  /** True once both channels turned out to be the same signal with opposite sign. */
  get opposite(): boolean {
    return this.#opposite;
  }

  /** Channels that are recorded from a device with this many. */
  count(ofDevice: number): 1 | 2 {
    const { channels, input } = this.#choice;
    if (channels !== undefined) return channels;
    return ofDevice > 1 && input === 'all' ? 2 : 1;
  }

  /** @param planes the device's channels, one array each. @returns interleaved samples of `count` channels */
  mix(planes: readonly Float32Array[]): Float32Array<ArrayBuffer> {
    const chosen = this.#chosen(planes);
    const channels = this.count(planes.length);
    const length = chosen[0]?.length ?? 0;
    const out = new Float32Array(length * channels);
    if (channels === 1) {
      const parts = this.#opposite && chosen.length === 2 ? [this.#louder(chosen)] : chosen;
      for (const plane of parts)
        for (let i = 0; i < length; i += 1) out[i] = (out[i] as number) + (plane[i] as number) / parts.length;
      return out;
    }
    for (let channel = 0; channel < channels; channel += 1) {
      const plane = chosen[Math.min(channel, chosen.length - 1)] as Float32Array;
      for (let i = 0; i < length; i += 1) out[i * channels + channel] = plane[i] as number;
    }
    return out;
  }

  #chosen(planes: readonly Float32Array[]): readonly Float32Array[] {
    const [left, right] = planes;
    if (!left || !right) return planes;
    if (this.#choice.input === 'left') return [left];
    if (this.#choice.input === 'right') return [right];
    if (planes.length === 2) this.#judge(left, right);
    return planes;
  }

  #judge(left: Float32Array, right: Float32Array): void {
    let [ll, rr, lr] = [0, 0, 0];
    for (let i = 0; i < left.length; i += 1) {
      const [l, r] = [left[i] as number, right[i] as number];
      ll += l * l;
      rr += r * r;
      lr += l * r;
    }
    if (ll + rr < AUDIBLE * left.length) return;
    // The first sound decides immediately, because the recording may begin with it.
    if (this.#judged === 0) this.#opposite = lr < OPPOSITE * Math.sqrt(ll * rr);
    this.#judged += left.length;
    this.#energy = [this.#energy[0] + ll, this.#energy[1] + rr];
    this.#product += lr;
    if (this.#judged < JUDGED_SAMPLES) return;
    this.#opposite = this.#product < OPPOSITE * Math.sqrt(this.#energy[0] * this.#energy[1]);
    this.#judged = 1;
    this.#energy = [0, 0];
    this.#product = 0;
  }

  #louder([left, right]: readonly Float32Array[]): Float32Array {
    const energy = (plane: Float32Array): number => plane.reduce((sum, value) => sum + value * value, 0);
    return energy(right as Float32Array) > 2 * energy(left as Float32Array)
      ? (right as Float32Array)
      : (left as Float32Array);
  }
}

/** The device's channels in a buffer. */
export function planesOf(data: AudioData): Float32Array[] {
  return Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
    const plane = new Float32Array(data.numberOfFrames);
    data.copyTo(plane, { planeIndex, format: 'f32-planar' });
    return plane;
  });
}
