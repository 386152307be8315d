import { sealedFits } from '../clock/sealedFit.ts';
import type { SealOptions } from './seal.ts';

/** What the engine adds to sealing: the sealed fits of the clocks, and later the timing report. */
export const sealHooks: Pick<SealOptions, 'computeFits' | 'writeReport'> = { computeFits: sealedFits };
