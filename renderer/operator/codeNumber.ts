/** The key of the study's codebook that a code belongs to, which determines the marker's colour. */
import { codeOf, MARKER_KEYS, type Study } from '../../electron/common/study.ts';

/** 1 to 9; null: the study does not have this code. */
export function codeNumber(study: Study | null, code: string): number | null {
  const key = MARKER_KEYS.findIndex((one) => (study ? codeOf(study, one) : one) === code);
  return key < 0 ? null : key + 1;
}
