/** Asks the device host to identify what a port sends. Each request gets one answer, or an error after a timeout. */
import { type ErrorReport, FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { Heard } from '../../common/heard.ts';
import type { EngineMessage } from '../../common/ingest.ts';

/** All speeds, some seconds each. */
const LONGEST_MS = 60_000;

interface Waiting {
  resolve: (heard: Heard) => void;
  reject: (error: Error) => void;
}

export class Listening {
  readonly #send: (message: EngineMessage) => void;
  readonly #waiting = new Map<string, Set<Waiting>>();

  /** @param send to the device host */
  constructor(send: (message: EngineMessage) => void) {
    this.#send = send;
  }

  /** @throws FieldroomError why the port cannot be opened; `device.not-heard` when no answer comes */
  ask(path: string): Promise<Heard> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        resolve: (heard) => {
          clearTimeout(timer);
          resolve(heard);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.get(path)?.delete(waiting);
        reject(fieldroomError('device.not-heard', { path }));
      }, LONGEST_MS);
      const others = this.#waiting.get(path);
      this.#waiting.set(path, new Set([...(others ?? []), waiting]));
      // Concurrent requests for the same port share one answer.
      if (!others?.size) this.#send({ type: 'listen', path });
    });
  }

  answer(path: string, heard: Heard | null, error: ErrorReport | null): void {
    const waiting = this.#waiting.get(path) ?? [];
    this.#waiting.delete(path);
    for (const one of waiting) {
      if (heard) one.resolve(heard);
      else one.reject(FieldroomError.from(error ?? { code: 'device.not-heard', message: `${path} gave no answer.` }));
    }
  }
}
