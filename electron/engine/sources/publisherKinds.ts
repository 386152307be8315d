/**
 * The kinds of publisher, one entry each: their names, the sources they own, what they may request and how much they
 * may send. Nothing else in the engine refers to a kind by name.
 *
 * To add a kind, add an entry here and issue its tokens with `Tokens.publisher(kind, name)`:
 * - `names` defines the valid names in tokens of that kind. A name has one live publisher at a time.
 * - `kitSources` picks the sources of the kit that it opens. A kind without them brings its own sources, whose ids are
 *   its name or begin with its name and a hyphen: `student-p07` owns `student-p07-camera`.
 * - `rights` are what the engine requests from it or sends to it in addition to receiving its streams.
 * - `quotas` limit its cost. Above them it is read more slowly or its stream is refused; it is never disconnected.
 */
import { isMediaSource, type Source } from '../../common/kit.ts';

export interface PublisherRights {
  /** Its pictures, levels and samples are shown outside a session. */
  previews: boolean;
  /** It reports connected devices. */
  finds: boolean;
  /** It can identify what a serial port sends. */
  listens: boolean;
  /** Its streams are shown in the live room. */
  publishesLive: boolean;
  /** Outside a session the live room gets its sample previews. */
  previewsLive: boolean;
}

export interface PublisherQuotas {
  /** Bytes of one message. */
  messageBytes: number;
  /** Simultaneous streams. */
  streams: number;
  /** Streams of one source. */
  streamsPerSource: number;
  /** Bytes of the facts in one declaration, as JSON. */
  factsBytes: number;
  /** Messages per second, averaged over some seconds; a parcel counts as its contents. */
  messagesPerSecond: number;
  /** Bytes per second, averaged over some seconds. */
  bytesPerSecond: number;
}

export interface PublisherKind {
  /** For people, as in "the capture window". */
  title: string;
  names: RegExp;
  /**
   * The name of the one publisher of this kind that the appliance starts itself; a warning is shown when it is
   * disconnected.
   */
  own?: string;
  /** The kit's sources that it opens; null: it brings its own. */
  kitSources: ((source: Source) => boolean) | null;
  rights: PublisherRights;
  quotas: PublisherQuotas;
}

const MIB = 1024 * 1024;
const opensMedia = (source: Source): boolean => isMediaSource(source) || source.kind === 'ble';

const OWN_QUOTAS: PublisherQuotas = {
  messageBytes: 16 * MIB,
  streams: 1024,
  streamsPerSource: 256,
  factsBytes: 64 * 1024,
  messagesPerSecond: 20_000,
  bytesPerSecond: 200 * MIB,
};
/** One person's camera, microphone, screen and log on a shared access point. */
const PERSON_QUOTAS: PublisherQuotas = {
  messageBytes: 4 * MIB,
  streams: 16,
  streamsPerSource: 8,
  factsBytes: 8 * 1024,
  messagesPerSecond: 500,
  bytesPerSecond: 2 * MIB,
};
const NOTHING: PublisherRights = {
  previews: false,
  finds: false,
  listens: false,
  publishesLive: false,
  previewsLive: false,
};

const table = {
  capture: {
    title: 'capture window',
    names: /^capture$/,
    own: 'capture',
    kitSources: opensMedia,
    rights: { previews: true, finds: true, listens: false, publishesLive: true, previewsLive: false },
    quotas: OWN_QUOTAS,
  },
  devices: {
    title: 'device host',
    names: /^device-host$/,
    own: 'device-host',
    kitSources: (source) => !opensMedia(source),
    rights: { previews: true, finds: true, listens: true, publishesLive: true, previewsLive: true },
    quotas: OWN_QUOTAS,
  },
  /** The bridge: tracks that participants publish in the live room. */
  room: {
    title: 'room recorder',
    names: /^room(?:-[a-z0-9]+)?$/,
    kitSources: null,
    rights: NOTHING,
    quotas: OWN_QUOTAS,
  },
  /** A student's page, through the gate. */
  student: {
    title: 'student page',
    names: /^student-[a-z0-9]{1,24}$/,
    kitSources: null,
    rights: { ...NOTHING, previews: true },
    quotas: PERSON_QUOTAS,
  },
  laptop: {
    title: 'other laptop',
    names: /^laptop-[a-z0-9]{1,24}$/,
    kitSources: null,
    rights: { ...NOTHING, previews: true },
    quotas: { ...OWN_QUOTAS, streams: 128, bytesPerSecond: 20 * MIB },
  },
  netcam: {
    title: 'network camera',
    names: /^netcam-[a-z0-9]{1,24}$/,
    kitSources: null,
    rights: { ...NOTHING, previews: true, publishesLive: true },
    quotas: { ...PERSON_QUOTAS, messageBytes: 16 * MIB, bytesPerSecond: 8 * MIB },
  },
} satisfies Record<string, PublisherKind>;

export type PublisherKindName = keyof typeof table;
export const publisherKinds: Readonly<Record<PublisherKindName, PublisherKind>> = table;

export const isPublisherKind = (kind: string): kind is PublisherKindName => Object.hasOwn(publisherKinds, kind);

/** The publishers that the appliance starts itself. */
export const ownPublishers: readonly { kind: PublisherKindName; name: string }[] = (
  Object.entries(publisherKinds) as [PublisherKindName, PublisherKind][]
).flatMap(([kind, { own }]) => (own === undefined ? [] : [{ kind, name: own }]));

/** The publisher that a kit's source belongs to. @throws never: the table covers every source, as its test checks */
export const kitOwnerOf = (source: Source): string =>
  ownPublishers.find(({ kind }) => publisherKinds[kind].kitSources?.(source))?.name ?? '';
