/**
 * On Linux a child of Electron inherits open files of Chromium: its channels to its own processes, its connection to the
 * X server, its shared memory. An engine that outlives the app would keep them: windows of the dead app would stay on the
 * screen and parts of Chromium would keep waiting. Inherited files lack the close-on-exec flag, which Node sets on
 * everything it opens, so the flag distinguishes them.
 */
import { closeSync, readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

/** `O_CLOEXEC` as the kernel writes it in `fdinfo`, octal. */
const CLOSE_ON_EXEC = 0o2000000;
const STANDARD_FILES = 3;

/** Closes them. Called once, at the start of a process, before it starts others. @returns how many there were */
export function closeInheritedFiles(): number {
  if (process.platform !== 'linux') return 0;
  let closed = 0;
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd < STANDARD_FILES) continue;
    try {
      const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
      if (flags === undefined || (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0) continue;
      closeSync(fd);
      closed += 1;
    } catch {
      // The directory listing's own descriptor is closed already.
    }
  }
  return closed;
}
