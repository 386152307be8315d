import type { AudioConfig, VideoConfig } from './workerMessages.ts';

/** How a stream is encoded, as reported by the worker. */
export interface Configured {
  config: VideoConfig | AudioConfig;
  facts: Record<string, unknown>;
}

const key = ({ config, facts }: Configured): string => JSON.stringify([config, [...(config.description ?? [])], facts]);

/** True if a decoder does not need to be reconfigured. */
export const sameConfig = (a: Configured | null, b: Configured): boolean => a !== null && key(a) === key(b);
