// One line per job on stderr with elapsed seconds: updated in place on a terminal, otherwise printed now and then.
import { spawn } from 'node:child_process';
import { SetupError } from './setupError.mjs';

const plainEveryMs = 15_000;
const keptChars = 1500;

/** Runs `work(note)` with a progress line; `note(text)` shows the current step. */
export async function withProgress(title, work, out = process.stderr) {
  const startMs = Date.now();
  const tty = Boolean(out.isTTY);
  let detail = '';
  const seconds = () => `${Math.round((Date.now() - startMs) / 1000)} s`;
  const line = () => `fieldroom: ${title}${detail && ` (${detail})`} … ${seconds()}`;
  const draw = () => {
    if (tty) out.write(`\r\x1b[2K${line().slice(0, (out.columns ?? 80) - 1)}`);
    else out.write(`${line()}\n`);
  };
  draw();
  const timer = setInterval(draw, tty ? 500 : plainEveryMs);
  const end = (word) => {
    clearInterval(timer);
    out.write(`${tty ? '\r\x1b[2K' : ''}fieldroom: ${title}: ${word} after ${seconds()}\n`);
  };
  try {
    const result = await work((text) => {
      detail = String(text).replace(/\s+/g, ' ').trim().slice(0, 60);
    });
    end('done');
    return result;
  } catch (error) {
    end('failed');
    throw error;
  }
}

/**
 * Runs a program without a shell and returns its stdout. Its stderr feeds `note`; a failure quotes the start and end of it.
 * @throws {SetupError} with the given code and next step when it cannot start or its exit code is not 0
 */
export function runTool(command, args, { cwd, env, note, code, nextStep, signal, stdoutToNote = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let stdout = '';
    let head = '';
    let tail = '';
    const hear = (chunk) => {
      // Tools print the error first or last with long output between, so keep both ends.
      if (head.length < keptChars) head += chunk;
      else tail = (tail + chunk).slice(-keptChars);
      const lines = String(chunk).trim().split('\n');
      if (note) note(lines[lines.length - 1]);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk;
      if (stdoutToNote) hear(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', hear);
    const fail = (reason) => {
      const ends = tail ? `${head}\n…${tail}` : head;
      const said = (stdoutToNote ? ends : ends + stdout.slice(-keptChars)).trim();
      reject(new SetupError(code, `${command} ${args[0] ?? ''} ${reason}${said ? `:\n${said}` : '.'}`, nextStep));
    };
    child.on('error', (error) => fail(`did not start (${error.message})`));
    child.on('close', (exitCode, by) => (exitCode === 0 ? resolve(stdout) : fail(`ended with ${exitCode ?? by}`)));
  });
}
