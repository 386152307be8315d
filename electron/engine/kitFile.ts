import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import process from 'node:process';
import { FieldroomError } from '../common/errors.ts';
import type { Kit } from '../common/kit.ts';

/** Writes a kit beside its file, then over it. @throws FieldroomError `kit.not-writable` */
export function writeKit(path: string, kit: Kit): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    const file = openSync(temporary, 'w');
    try {
      writeSync(file, `${JSON.stringify(kit, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    throw new FieldroomError('kit.not-writable', `The choice is in use now, but could not be written to ${path}.`, {
      nextStep: 'Check that the file may be written, or choose again next time.',
      cause,
    });
  }
}
