/**
 * Ownership of sources and streams. A source has one owner: the publisher that opens the kit's source with that id,
 * otherwise the one whose name it begins with. A stream is named after its source, so it has one owner as well.
 */
import { fieldroomError } from '../../common/errors.ts';
import type { Source } from '../../common/kit.ts';
import type { Stream } from '../../common/stream.ts';
import { kitOwnerOf, type PublisherKind, type PublisherKindName, publisherKinds } from './publisherKinds.ts';

/** A publisher as its token names it. */
export interface PublisherIdentity {
  name: string;
  kind: PublisherKindName;
  /** Pseudonym of the person whose data it delivers; all of its streams are that person's. */
  participant?: string | undefined;
}

export const kindOf = ({ kind }: PublisherIdentity): PublisherKind => publisherKinds[kind];

const isUnder = (id: string, head: string): boolean => id === head || id.startsWith(`${head}-`);

/** Whether `publisher` owns the source. @param kit the sources of the kit and those on trial */
export function ownsSource(publisher: PublisherIdentity, source: string, kit: readonly Source[]): boolean {
  const inKit = kit.find(({ id }) => id === source);
  if (inKit) return kitOwnerOf(inKit) === publisher.name;
  return kindOf(publisher).kitSources === null && isUnder(source, publisher.name);
}

/**
 * The stream as it may be recorded: with the participant of its publisher.
 * @param has streams that this publisher has declared before
 * @throws FieldroomError `ingest.not-owner`, `ingest.stream-not-of-source`, `ingest.too-many-streams`, `ingest.facts-too-large`
 */
export function checkDeclaration(
  publisher: PublisherIdentity,
  stream: Stream,
  kit: readonly Source[],
  has: readonly Stream[],
): Stream {
  const { quotas, title } = kindOf(publisher);
  if (!ownsSource(publisher, stream.source, kit))
    throw fieldroomError('ingest.not-owner', { source: stream.source, title });
  checkName(stream.id, stream.source, kit);
  const others = has.filter(({ id }) => id !== stream.id);
  const ofSource = others.filter(({ source }) => source === stream.source);
  if (others.length >= quotas.streams || ofSource.length >= quotas.streamsPerSource)
    throw fieldroomError('ingest.too-many-streams', { id: stream.id, title });
  if (JSON.stringify(stream.facts).length > quotas.factsBytes)
    throw fieldroomError('ingest.facts-too-large', { id: stream.id });
  return publisher.participant === undefined ? stream : { ...stream, participant: publisher.participant };
}

/** @throws FieldroomError `ingest.stream-not-of-source` */
function checkName(id: string, source: string, kit: readonly Source[]): void {
  const nearer = kit.find((other) => other.id.length > source.length && isUnder(id, other.id));
  if (isUnder(id, source) && !nearer) return;
  if (nearer) throw fieldroomError('ingest.stream-not-of-source:other', { id, source, other: nearer.id });
  throw fieldroomError('ingest.stream-not-of-source', { id, source });
}

/** Ids for a stream whose columns changed, in order: `light`, `light-v2`, `light-v3`. */
export function* idsFor(id: string): Generator<string> {
  yield id;
  for (let n = 2; n <= MAX_PLANS; n += 1) {
    const next = `${id.slice(0, 59)}-v${n}`;
    yield next;
  }
}
/** Maximum number of column layouts of one stream in one session. */
const MAX_PLANS = 32;
