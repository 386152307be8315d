/** The kit's Bluetooth sources: one finder, and one runner per source. */
import { isMediaSource, type SensorSource, type Source } from '../../../electron/common/kit.ts';
import type { BluetoothBackend } from './backend.ts';
import { StrapFinder } from './strapFinder.ts';
import { type StrapContext, StrapRunner } from './strapRunner.ts';

export class BluetoothSources {
  readonly #context: StrapContext;
  readonly #runners = new Map<string, StrapRunner>();

  constructor(backend: BluetoothBackend, context: Omit<StrapContext, 'finder'>) {
    this.#context = { ...context, finder: new StrapFinder(backend) };
  }

  /** All sources named by the engine; those of other kinds are ignored. */
  setSources(all: readonly Source[], paused: readonly string[]): void {
    const sources = all.filter((source): source is SensorSource => !isMediaSource(source) && source.kind === 'ble');
    for (const [id, runner] of this.#runners) {
      if (sources.some((source) => source.id === id && sameStrap(source, runner.source))) continue;
      runner.stop();
      this.#runners.delete(id);
    }
    const fresh: StrapRunner[] = [];
    for (const source of sources) {
      const there = this.#runners.get(source.id);
      if (there) {
        there.rename(source);
        continue;
      }
      const runner = new StrapRunner(source, this.#context);
      this.#runners.set(source.id, runner);
      runner.setPaused(paused.includes(source.id));
      fresh.push(runner);
    }
    // Only now is it known which straps the other sources name.
    for (const runner of fresh) runner.start();
  }

  /** The session's state or the set of paused sources changed. */
  sessionChanged(begins: boolean, paused: readonly string[]): void {
    for (const [id, runner] of this.#runners) {
      runner.setPaused(paused.includes(id));
      if (begins) runner.sessionBegins();
    }
  }

  /** The engine has (re)connected and knows no state yet. */
  report(): void {
    for (const runner of this.#runners.values()) runner.report();
  }
}

/** True if nothing changed that would need a different strap. */
function sameStrap(a: SensorSource, b: SensorSource): boolean {
  const key = ({ kind, driver, match, settings }: SensorSource): string =>
    JSON.stringify([kind, driver, match, settings]);
  return key(a) === key(b);
}
