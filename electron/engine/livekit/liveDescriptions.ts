/**
 * The attributes of the appliance's participant, which every LiveKit client can read:
 *
 * - key `fieldroom`: a `LiveSession`;
 * - one key per track, its name: a `LiveDescription`.
 */
import type { ApplianceState, SourceHealth } from '../../common/applianceState.ts';
import type { Stream } from '../../common/stream.ts';

export interface LiveSession {
  /** Id of the session; null while nothing is recorded. */
  session: string | null;
  state: 'idle' | 'recording' | 'paused';
  /** Unix milliseconds of session time 0, on the clock of the pictures' and sounds' capture times; null as `session`. */
  zeroUnixMs: number | null;
}

export interface LiveDescription {
  kind: 'camera' | 'microphone' | 'screen' | 'samples';
  label: string;
  place: string;
  /** Pseudonym of the participant who wears or uses it. */
  participant?: string;
  simulated: boolean;
  /** Status of the source; anything but `streaming` explains why the track is silent. */
  state: SourceHealth['state']['state'];
  /** One plain sentence while it is silent, else empty. */
  reason: string;
  /** Sensors: the columns of `v` in each message of the data track, in their order. */
  channels?: { name: string; unit: string; type: string }[];
  /** Sensors: how a message is read. */
  format?: string;
}

export const SESSION_ATTRIBUTE = 'fieldroom';

const SAMPLE_FORMAT =
  'json {t: seconds[], v: values[][], clock: "session" | "engine"}; user timestamp: session microseconds of the last row';

export function sessionAttribute(session: ApplianceState['session'], zeroUnixMs: number | null): string {
  const recorded = session && (session.state === 'recording' || session.state === 'paused') ? session : null;
  const told: LiveSession = {
    session: recorded?.id ?? null,
    state: recorded ? (recorded.state as 'recording' | 'paused') : 'idle',
    zeroUnixMs: recorded ? zeroUnixMs : null,
  };
  return JSON.stringify(told);
}

/** @param refused why the live room does not carry the track; empty when it does */
export function trackAttribute(
  stream: Stream,
  kind: LiveDescription['kind'],
  source: SourceHealth,
  session: ApplianceState['session'],
  refused: string,
): string {
  const [state, reason] = standing(source, session);
  const told: LiveDescription = {
    kind,
    label: source.label || stream.label || stream.id,
    place: source.place,
    ...(source.participant === null ? {} : { participant: source.participant }),
    simulated: stream.simulated,
    state,
    reason: refused || reason,
    ...(stream.kind === 'samples'
      ? { channels: stream.channels.map(({ name, unit, type }) => ({ name, unit, type })), format: SAMPLE_FORMAT }
      : {}),
  };
  return JSON.stringify(told);
}

/** Status of the source, and why it is silent. */
function standing(
  { state, paused }: SourceHealth,
  session: ApplianceState['session'],
): [LiveDescription['state'], string] {
  if (paused) return ['paused', state.message || 'Paused by the operator.'];
  if (session?.state === 'paused' && state.state === 'streaming') return ['paused', 'The session is paused.'];
  return [state.state, state.message];
}

/** @param sourceKind of the stream's source in the kit */
export function kindOf(stream: Stream, sourceKind: string): LiveDescription['kind'] {
  if (stream.kind === 'samples') return 'samples';
  if (stream.kind === 'audio') return 'microphone';
  return sourceKind === 'screen' ? 'screen' : 'camera';
}
