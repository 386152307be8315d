/** Which key of the study's codebook a code belongs to: it gives the marker its colour. */
import { codeOf, MARKER_KEYS, type Study } from '../../electron/common/study.ts';

/** 1 to 9; null: the study has no such code. */
export function codeNumber(study: Study | null, code: string): number | null {
  const key = MARKER_KEYS.findIndex((one) => (study ? codeOf(study, one) : one) === code);
  return key < 0 ? null : key + 1;
}
