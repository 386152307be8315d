/**
 * Builds the stream declaration for the door from a source and its encoder's configuration. The stream's id is the
 * source's.
 */
import type { MediaSource } from '../../electron/common/kit.ts';
import type { MediaStreamInfo } from '../../electron/common/stream.ts';
import { toBase64 } from '../components/base64.ts';
import type { AudioConfig, VideoConfig } from './workerMessages.ts';

/** Packets per second from a microphone. */
const AUDIO_RATE_HZ = 50;

export function declarationOf(
  source: MediaSource,
  config: VideoConfig | AudioConfig,
  more: { simulated: boolean; device: string; settings: Record<string, unknown>; facts: Record<string, unknown> },
): MediaStreamInfo {
  const common = {
    id: source.id,
    source: source.id,
    label: source.label,
    place: source.place,
    ...(source.participant === undefined ? {} : { participant: source.participant }),
    // The media's own timestamps: nanoseconds of the browser's media clock.
    deviceClock: {
      kind: 'clock' as const,
      tickNs: 1,
      description:
        config.kind === 'video'
          ? 'VideoFrame.timestamp'
          : 'AudioData.timestamp of the first buffer, and samples counted from it',
    },
    simulated: more.simulated,
    facts: { device: more.device, settings: more.settings, ...more.facts },
  };
  const description = config.description ? { description: toBase64(config.description) } : {};
  if (config.kind === 'audio') {
    const { codec, sampleRate, numberOfChannels, preSkip } = config;
    return {
      kind: 'audio',
      ...common,
      nominalRateHz: AUDIO_RATE_HZ,
      config: { codec, sampleRate, numberOfChannels, preSkip, ...description },
    };
  }
  const { codec, codedWidth, codedHeight } = config;
  return {
    kind: 'video',
    ...common,
    ...(source.kind === 'screen' ? {} : { nominalRateHz: frameRateOf(source, more.settings) }),
    config: { codec, codedWidth, codedHeight, ...description },
  };
}

/** The device's values, or the requested ones if it reports none (a canvas). */
function frameRateOf(source: MediaSource, obtained: Record<string, unknown>): number {
  const { frameRate } = obtained;
  if (typeof frameRate === 'number' && frameRate > 0) return frameRate;
  return source.kind === 'microphone' ? AUDIO_RATE_HZ : source.settings.frameRate;
}
