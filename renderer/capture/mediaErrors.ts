import type { SourceState } from '../../electron/common/ingest.ts';
import type { MediaSource } from '../../electron/common/kit.ts';

/** Why a source does not work, in sentences for the window. */
export interface Trouble {
  code: string;
  message: string;
  nextStep: string;
  /** Cause of the gap that it creates. */
  cause: string;
}

const KIND = { camera: 'camera', microphone: 'microphone', screen: 'screen' } as const;
export type MediaKind = keyof typeof KIND;

/** Errors thrown by `getUserMedia` and `getDisplayMedia` (W3C Media Capture and Streams, section 10.2). */
export function troubleOf(error: unknown, kind: MediaKind, device: string): Trouble {
  const name = error instanceof Error ? error.name : '';
  const detail = error instanceof Error && error.message ? ` (${error.message})` : '';
  const what = device ? `The ${kind} "${device}"` : `The ${kind}`;
  switch (name) {
    case 'NotReadableError':
    case 'AbortError':
      return {
        code: 'capture.busy',
        message: `${what} cannot be read: another program may be using it.`,
        nextStep: 'Close other programs that use it; Fieldroom retries automatically.',
        cause: 'device-busy',
      };
    case 'NotAllowedError':
    case 'SecurityError':
      return {
        code: 'capture.not-allowed',
        message: `The system does not allow Fieldroom to use the ${kind}.`,
        nextStep: `Allow the ${kind} for Fieldroom in the system's privacy settings.`,
        cause: 'not-allowed',
      };
    case 'NotFoundError':
      return notFound(kind, device);
    case 'OverconstrainedError':
      return {
        code: 'capture.settings',
        message: `${what} does not support the settings in the kit.`,
        nextStep: 'Choose another size or frame rate in the kit.',
        cause: 'settings',
      };
    default:
      return {
        code: 'capture.open-failed',
        message: `${what} could not be opened${detail}.`,
        nextStep: 'Unplug it and plug it in again; Fieldroom retries automatically.',
        cause: 'device-lost',
      };
  }
}

const notFound = (kind: MediaKind, wanted: string): Trouble => ({
  code: 'capture.not-found',
  message: wanted ? `No ${kind} named "${wanted}" is connected.` : `No free ${kind} is connected.`,
  nextStep:
    kind === 'screen' ? 'Check that a display is connected.' : `Connect the ${kind}, or choose another one in the kit.`,
  cause: 'device-lost',
});

const taken = (kind: MediaKind, wanted: string, by: string): Trouble => ({
  code: 'capture.taken',
  message: `The ${kind} "${wanted}" is already in use by the source "${by}".`,
  nextStep: 'Give each source its own device in the kit.',
  cause: 'device-lost',
});

export const cannotEncode = (kind: MediaKind, device: string, detail: string): Trouble => ({
  code: 'capture.cannot-encode',
  message: `The data of the ${kind} "${device}" cannot be encoded (${detail.slice(0, 200)}).`,
  nextStep: 'Use another device, or another size or codec in the kit. A depth camera cannot be recorded as a picture.',
  cause: 'cannot-encode',
});

export const frozen = (kind: MediaKind, device: string): Trouble => ({
  code: 'capture.frozen',
  message: `The ${kind} "${device}" has sent nothing for two seconds.`,
  nextStep: 'Check its cable; Fieldroom reopens it automatically.',
  cause: 'frozen',
});

export const lost = (kind: MediaKind, device: string): Trouble => ({
  code: 'capture.device-lost',
  message: `The ${kind} "${device}" was disconnected.`,
  nextStep: 'Plug it in again; recording continues automatically.',
  cause: 'device-lost',
});

/** A source's state, without what only the runner knows. */
export type StateWords = Omit<SourceState, 'source' | 'device' | 'candidates'> & {
  candidates?: SourceState['candidates'];
};

export const STREAMING: StateWords = { state: 'streaming', message: '', nextStep: '', code: '' };

/** Several devices match: a person must choose. */
export const choosing = (source: MediaSource, candidates: SourceState['candidates']): StateWords => ({
  state: 'choosing',
  code: 'capture.choosing',
  message: `${candidates.length} devices match "${source.match.label ?? ''}".`,
  nextStep: `Choose which one is ${source.label || source.id}.`,
  candidates: candidates.slice(0, 64),
});

/** @param takenBy the source that has the only device that matches. */
export function notThere(source: MediaSource, takenBy: string | null): Trouble {
  const wanted = source.match.label ?? source.match.path ?? '';
  return takenBy === null ? notFound(source.kind, wanted) : taken(source.kind, wanted, takenBy);
}
