import { type ErrorKey, fieldroomError } from '../common/errors.ts';
import type { Kit } from '../common/kit.ts';
import { writeWhole } from '../session/folder/writeWhole.ts';

/** @throws FieldroomError `kit.not-writable` */
export const writeKit = (path: string, kit: Kit): void => writeJson(path, kit, 'kit.not-writable:file');

/**
 * Writes a temporary file, then renames it: a reader sees the old or the new kit. @throws FieldroomError with `code`
 */
export function writeJson(path: string, value: unknown, code: ErrorKey): void {
  try {
    writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
  } catch (cause) {
    throw fieldroomError(code, { path }, { cause });
  }
}
