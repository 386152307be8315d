/** How the tracks of a room's participants are named and declared as streams of the session. */
import { participantSchema, type Stream, streamSchema } from '../../common/stream.ts';
import type { BridgeReport, Foreign } from './bridgeWire.ts';

/** The name of the publisher, which its sources begin with (`sources/publisherKinds.ts`). */
export const ROOM_PUBLISHER = 'room';

/** `room-<participant>-<track>`, in the letters that an id may have. */
export function roomStreamId(identity: string, track: string): string {
  const words = [ROOM_PUBLISHER, identity, track].map(
    (word) =>
      word
        .normalize('NFKD')
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '') || 'x',
  );
  return words.join('-').slice(0, 60).replace(/-+$/, '');
}

/**
 * How its times are measured and how accurate they are; stored with each stream. The constant delay (encoding, network,
 * server) is included in every time and cannot be measured here.
 */
const TIMES =
  'RTP time of the sender, placed by the fastest arrivals of the last seconds; later than the capture by an unknown constant';

const common = (id: string, foreign: Foreign) => ({
  id,
  source: id,
  label: foreign.name || foreign.identity,
  ...(participantSchema.safeParse(foreign.identity).success ? { participant: foreign.identity } : {}),
});

const facts = ({ identity, track, sid, source, codec }: Foreign) => ({
  room: { identity, track, sid, source, ...(codec === '' ? {} : { codec }) },
});

export function mediaStream(id: string, { foreign, media }: Extract<BridgeReport, { type: 'stream' }>): Stream | null {
  if (!media || foreign.kind === 'data') return null;
  const { codec, width, height, description, channels, preSkip } = media;
  const rest = {
    ...common(id, foreign),
    deviceClock: { kind: 'clock', tickNs: 1, description: 'RTP time of the sender' },
    facts: { ...facts(foreign), times: TIMES },
  };
  const config =
    foreign.kind === 'audio'
      ? { codec, sampleRate: 48_000, numberOfChannels: channels || 1, preSkip }
      : { codec, codedWidth: width, codedHeight: height, ...(description === undefined ? {} : { description }) };
  return streamSchema.parse({ ...rest, kind: foreign.kind, config });
}

/** Frames of a data track: text as it is, other bytes as base64. */
export const dataStream = (id: string, foreign: Foreign): Stream =>
  streamSchema.parse({
    ...common(id, foreign),
    kind: 'samples',
    facts: facts(foreign),
    channels: [
      { name: 'data', type: 'text' },
      { name: 'base64', type: 'boolean' },
      { name: 'user_timestamp', type: 'integer' },
    ],
  });

/** A participant's messages: `sendText`, chat and data packets. */
export const messageStream = (id: string, foreign: Foreign): Stream =>
  streamSchema.parse({
    ...common(id, foreign),
    kind: 'samples',
    facts: facts(foreign),
    channels: [
      { name: 'topic', type: 'text' },
      { name: 'text', type: 'text' },
      { name: 'base64', type: 'boolean' },
      { name: 'cut', type: 'boolean' },
    ],
  });
