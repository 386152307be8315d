/** Emulators in this process, addressed by `emulator:NAME`: they need no pty, so they also run on Windows. */
import { fieldroomError } from '../../electron/common/errors.ts';
import type { Emulator, EmulatorFactory } from '../driver.ts';
import { lost, WireLink } from './wireLink.ts';

export const EMULATOR_SCHEME = 'emulator:';
/** Part of every pty and broker path that leads to an emulator: data recorded from it is marked as simulated. */
export const EMULATOR_PATH_MARK = 'fieldroom-emulator';

export const isSimulatedPath = (path: string): boolean =>
  path.startsWith(EMULATOR_SCHEME) || path.includes(EMULATOR_PATH_MARK);

/** `emulator:lines?rate=100#2` is emulator `lines` with a rate, the second instance. */
export function parseEmulatorPath(path: string): { name: string; parameters: Record<string, string>; seed: number } {
  const [head = '', mark = ''] = path.slice(EMULATOR_SCHEME.length).split('#');
  const [name = '', query = ''] = head.split('?');
  const parameters = Object.fromEntries(new URLSearchParams(query));
  return { name, parameters, seed: Number(parameters.seed ?? (mark || 1)) || 1 };
}

/** The emulators of this process by path, and the links to them. */
export class EmulatorStore {
  readonly #factory: (name: string) => EmulatorFactory;
  readonly #plugged = new Map<string, { emulator: Emulator; link: WireLink | null }>();

  /** @param factory creates an emulator by the name in the path; throws a FieldroomError for an unknown one. */
  constructor(factory: (name: string) => EmulatorFactory) {
    this.#factory = factory;
  }

  /** Registers an emulator under a path. Otherwise, opening the path creates one. */
  plug(path: string, emulator: Emulator): void {
    this.#plugged.set(path, { emulator, link: null });
  }

  /** Unplugs the cable. */
  unplug(path: string): void {
    const plugged = this.#plugged.get(path);
    this.#plugged.delete(path);
    plugged?.emulator.stop();
    plugged?.link?.lose(lost(path));
  }

  /** @throws FieldroomError `device.not-found`, `device.port-busy` */
  async open(path: string, settings: Record<string, unknown>, now: () => number): Promise<WireLink> {
    let plugged = this.#plugged.get(path);
    if (!plugged) {
      const { name, parameters, seed } = parseEmulatorPath(path);
      plugged = { emulator: this.#factory(name)({ settings, parameters, seed }), link: null };
      this.#plugged.set(path, plugged);
    }
    if (plugged.link) throw fieldroomError('device.port-busy:source', { path });
    const held = plugged;
    const link = new WireLink(path, {
      write: async (bytes) => held.emulator.receive(bytes),
      close: async () => {
        held.link = null;
        held.emulator.stop();
      },
    });
    held.link = link;
    held.emulator.emit = (bytes, topic) => {
      // As on a real wire, an answer never arrives before the request's write has returned.
      const copy = bytes.slice();
      queueMicrotask(() => link.deliver(copy, now(), topic));
    };
    held.emulator.start();
    return link;
  }
}
