import { writeTiming } from '../report/writeTiming.ts';
import type { SealOptions } from './seal.ts';
import { sealedFits } from './sealedFit.ts';

/** What the engine adds to sealing: the sealed fits of the clocks, and the timing report. */
export const sealHooks: Pick<SealOptions, 'computeFits' | 'writeReport'> = {
  computeFits: sealedFits,
  writeReport: (folder, db) => void writeTiming(folder, db),
};
