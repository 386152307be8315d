/**
 * A publisher on a host of its own: stamps by a clock that runs too fast or too slow, and tells with each sample what the
 * host's monotonic clock showed at that very moment.
 *   publisher.entry.ts URL TOKEN PPM OFFSET-NS
 * OFFSET-NS is added where the system gives no zero of its own. Prints {"zeroNs"}: how far its zero lies from that of
 * the machine, by the kernel's word; ends with standard input.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { counterStream, testPublisher, untilConnected } from '../fixtures/publisher.ts';

const [url = '', token = '', ppm = '0', offset = '0'] = process.argv.slice(2);
const INTERVAL_MS = 20;

const hostNs = (): number => Number(process.hrtime.bigint()) + Number(offset);
const beganNs = hostNs();
const clockAt = (ns: number): number => Math.round(ns + (ns - beganNs) * Number(ppm) * 1e-6);

/** Linux's time namespaces: seconds and nanoseconds added to the machine's monotonic clock. */
function zeroNs(): number {
  try {
    const [, seconds, nanoseconds] =
      /monotonic\s+(-?\d+)\s+(\d+)/.exec(readFileSync('/proc/self/timens_offsets', 'utf8')) ?? [];
    return Number(offset) + Number(seconds ?? 0) * 1e9 + Number(nanoseconds ?? 0);
  } catch {
    return Number(offset);
  }
}

const { publisher } = testPublisher({ url, token }, { now: () => clockAt(hostNs()) });
const stream = publisher.declare({
  ...counterStream(),
  channels: [{ name: 'host_ns', unit: 'ns', type: 'integer' }],
});
await untilConnected(publisher);
process.stdout.write(`${JSON.stringify({ zeroNs: zeroNs() })}\n`);
const timer = setInterval(() => {
  const ns = hostNs();
  // Stamped at once: only the clock is left uncertain.
  stream.samples(Float64Array.of(clockAt(ns)), null, [Float64Array.of(ns)], Uint32Array.of(0));
}, INTERVAL_MS);
process.stdin.resume().on('end', () => {
  clearInterval(timer);
  publisher.close();
});
