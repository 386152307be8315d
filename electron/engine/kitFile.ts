import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import process from 'node:process';
import { type ErrorKey, fieldroomError } from '../common/errors.ts';
import type { Kit } from '../common/kit.ts';

/** @throws FieldroomError `kit.not-writable` */
export const writeKit = (path: string, kit: Kit): void => writeJson(path, kit, 'kit.not-writable:file');

/** Writes beside the file, then over it: whoever reads sees the old or the new one. @throws FieldroomError with `code` */
export function writeJson(path: string, value: unknown, code: ErrorKey): void {
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
    throw fieldroomError(code, { path }, { cause });
  }
}
