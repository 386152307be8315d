/**
 * What a track is stands in the publishing participant's attributes, since a LiveKit track has none: key = track name,
 * value = the JSON of a `LiveDescription`. Any client reads it without code of ours.
 */
import type { MediaSource } from '../../../electron/common/kit.ts';
import type { Stream } from '../../../electron/common/stream.ts';

export interface LiveDescription {
  kind: 'camera' | 'microphone' | 'screen' | 'samples';
  label: string;
  place: string;
  /** Pseudonym of who wears or uses it. */
  participant?: string;
  simulated: boolean;
  /** Sensors: the columns of `v` in each message of the data track, in their order. */
  channels?: { name: string; unit: string; type: string }[];
  /** Sensors: how a message is to be read. */
  format?: 'json {t: session seconds[], v: values[][]}; user timestamp: session microseconds of the last row';
}

export const describeSource = (source: MediaSource): LiveDescription => ({
  kind: source.kind,
  label: source.label || source.id,
  place: source.place,
  ...(source.participant === undefined ? {} : { participant: source.participant }),
  simulated: source.driver === 'simulated',
});

export const describeStream = (stream: Extract<Stream, { kind: 'samples' }>): LiveDescription => ({
  kind: 'samples',
  label: stream.label || stream.id,
  place: stream.place,
  ...(stream.participant === undefined ? {} : { participant: stream.participant }),
  simulated: stream.simulated,
  channels: stream.channels.map(({ name, unit, type }) => ({ name, unit, type })),
  format: 'json {t: session seconds[], v: values[][]}; user timestamp: session microseconds of the last row',
});
