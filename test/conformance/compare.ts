/**
 * Compares the emulator's truth with the recording: nothing invented, nothing duplicated, nothing missing without a
 * cause.
 */
import type { Emulator } from '../../devices/driver.ts';
import type { RecordedGap, RecordedSample, RecordedStream } from './recorder.ts';

type Truth = Emulator['truth'][number];

const plain = (value: unknown): unknown =>
  typeof value === 'boolean' ? Number(value) : value === null || Number.isNaN(value) ? null : value;

function same(sample: RecordedSample, truth: Truth): boolean {
  if (truth.deviceTime !== undefined && sample.deviceTime !== truth.deviceTime) return false;
  return (
    truth.values.length === sample.values.length &&
    truth.values.every((value, i) => Object.is(plain(value), plain(sample.values[i])))
  );
}

/**
 * Faults in words; empty when everything matches. Anything sent before the first recorded sample was sent before the port
 * was open.
 */
export function differences(recorded: RecordedStream, suffix: string, all: readonly Truth[]): string[] {
  const truth = all.filter((sample) => sample.stream === suffix);
  const faults: string[] = [];
  let at = -1;
  recorded.samples.forEach((sample, i) => {
    const next = truth.findIndex((candidate, k) => k > at && same(sample, candidate));
    if (next < 0) {
      faults.push(
        `${recorded.stream.id}: recorded sample ${i} (${JSON.stringify(sample)}) was never sent, or is recorded twice`,
      );
      return;
    }
    const missing = at < 0 ? 0 : next - at - 1;
    const before = recorded.samples[i - 1];
    if (missing > 0 && before && !explained(recorded.gaps, before.arrivedNs, sample.arrivedNs)) {
      faults.push(`${recorded.stream.id}: ${missing} samples before recorded sample ${i} are missing without a gap`);
    }
    at = next;
  });
  const last = recorded.samples.at(-1);
  const missing = truth.length - at - 1;
  if (last && missing > 0 && !explained(recorded.gaps, last.arrivedNs, Number.POSITIVE_INFINITY)) {
    faults.push(`${recorded.stream.id}: the last ${missing} samples are missing without a gap`);
  }
  return faults;
}

const explained = (gaps: readonly RecordedGap[], fromNs: number, toNs: number): boolean =>
  gaps.some((gap) => gap.fromNs <= toNs && (gap.toNs ?? Number.POSITIVE_INFINITY) >= fromNs);
