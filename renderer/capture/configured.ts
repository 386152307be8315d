import type { AudioConfig, VideoConfig } from './workerMessages.ts';

/** How a stream is encoded, as the worker told it. */
export interface Configured {
  config: VideoConfig | AudioConfig;
  facts: Record<string, unknown>;
}

const key = ({ config, facts }: Configured): string => JSON.stringify([config, [...(config.description ?? [])], facts]);

/** True when a decoder needs to hear nothing new. */
export const sameConfig = (a: Configured | null, b: Configured): boolean => a !== null && key(a) === key(b);
