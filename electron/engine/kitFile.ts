import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import process from 'node:process';
import { FieldroomError } from '../common/errors.ts';
import type { Kit } from '../common/kit.ts';

/** @throws FieldroomError `kit.not-writable` */
export const writeKit = (path: string, kit: Kit): void => writeJson(path, kit, 'kit.not-writable');

/** Writes beside the file, then over it: whoever reads sees the old or the new one. @throws FieldroomError with `code` */
export function writeJson(path: string, value: unknown, code: string): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    const file = openSync(temporary, 'w');
    try {
      writeSync(file, `${JSON.stringify(value, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    throw new FieldroomError(code, `The change could not be written to ${path}.`, {
      nextStep: 'Check that the file may be written and that the disk is not full, then try again.',
      cause,
    });
  }
}
