import { writeTiming } from '../report/writeTiming.ts';
import type { SealOptions } from './seal.ts';
import { sealedFits } from './sealedFit.ts';

/** The engine's additions to sealing: the sealed clock fits, and the timing report. */
export const sealHooks: Pick<SealOptions, 'computeFits' | 'writeReport'> = {
  computeFits: sealedFits,
  writeReport: (folder, db) => void writeTiming(folder, db),
};
