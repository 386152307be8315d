/**
 * Determines which sample of the microphone an audio packet begins with.
 *
 * An Opus encoder looks ahead: it delays the sound by `preSkip` samples (312 at 48 kHz = 6.5 ms), and its decoder
 * outputs the delayed sound, of which players drop the first `preSkip` samples once, at a file's start. So the first
 * sample that the decoder outputs for packet k is sample k * 960 - preSkip of the encoder's input, and **the capture
 * time of that sample is the packet's time**. This applies to every packet, wherever in the stream a recording begins.
 * Matroska requires a block's time to be later by CodecDelay (RFC 9559 section 5.1.4.1.25), which the writer adds, so
 * that players subtract it again. PCM has no delay: preSkip is 0.
 *
 * Holes: the count of samples fed to the encoder has none (the encoder knows only samples), the timeline's count does;
 * `jump` ties them together again.
 */
export class PacketTimes {
  readonly #perPacket: number;
  readonly #preSkip: number;
  #packets = 0;
  /** From `fed` on, timeline index = fed index + `shift`; ascending. */
  #ties = [{ fed: Number.NEGATIVE_INFINITY, shift: 0 }];

  /** @param perPacket and @param preSkip in samples of the device's own rate; not necessarily whole. */
  constructor(perPacket: number, preSkip: number) {
    this.#perPacket = perPacket;
    this.#preSkip = preSkip;
  }

  /** From fed sample `fed` on, the timeline is `shift` samples ahead of the number of samples fed. */
  jump(fed: number, shift: number): void {
    this.#ties.push({ fed, shift });
  }

  /** @returns the timeline index of the next packet's first sample. */
  next(): number {
    const fed = this.#packets * this.#perPacket - this.#preSkip;
    this.#packets += 1;
    while (this.#ties.length > 1 && (this.#ties[1] as { fed: number }).fed <= fed) this.#ties.shift();
    return fed + (this.#ties[0] as { shift: number }).shift;
  }
}
