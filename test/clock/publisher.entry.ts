/**
 * A publisher on its own host: it stamps with a clock that runs too fast or too slow, and adds the host's monotonic time to
 * each sample.
 * publisher.entry.ts URL TOKEN PPM OFFSET-NS
 * OFFSET-NS is added where the system offers no other zero. Prints {"zeroNs"}: its zero relative to the machine's, as the
 * kernel reports it. Ends with standard input.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { counterStream, testPublisher, untilConnected } from '../fixtures/publisher.ts';

const [url = '', token = '', ppm = '0', offset = '0'] = process.argv.slice(2);
const INTERVAL_MS = 20;

const hostNs = (): number => Number(process.hrtime.bigint()) + Number(offset);
const beganNs = hostNs();
const clockAt = (ns: number): number => Math.round(ns + (ns - beganNs) * Number(ppm) * 1e-6);

/** Linux time namespaces: seconds and nanoseconds added to the machine's monotonic clock. */
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
  // Stamped immediately, so that only the clock is uncertain.
  stream.samples(Float64Array.of(clockAt(ns)), null, [Float64Array.of(ns)], Uint32Array.of(0));
}, INTERVAL_MS);
process.stdin.resume().on('end', () => {
  clearInterval(timer);
  publisher.close();
});
