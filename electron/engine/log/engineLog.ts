import { RotatingFile } from './rotatingFile.ts';

export type Level = 'info' | 'warn' | 'error';
export type Log = (level: Level, code: string, message: string) => void;

/** The engine's log: one JSON object per line, rotated. Session events are also in the session's index. */
export class EngineLog {
  readonly #file: RotatingFile;
  /** Also receives each line: the terminal of `fieldroom serve`. */
  onLine: Log | null = null;

  constructor(path: string) {
    this.#file = new RotatingFile(path);
  }

  readonly write: Log = (level, code, message) => {
    this.#file.write(JSON.stringify({ at: new Date().toISOString(), level, code, message }));
    this.onLine?.(level, code, message);
  };

  /** An unchanged line of a child process. */
  line(part: string, line: string): void {
    this.#file.write(JSON.stringify({ at: new Date().toISOString(), part, line }));
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
