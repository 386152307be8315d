/** Each way in which an upload can fail, in plain words with the next step, and what is sensible then. */
import { FieldroomError } from '../../common/errors.ts';

/**
 * `again`: the same once more, after a while; `over`: the file starts over; `person`: someone must do something first.
 */
export type Remedy = 'again' | 'over' | 'person';

interface Trouble {
  remedy: Remedy;
  /** `{place}` is the destination. */
  message: string;
  nextStep: string;
}

const UPLOAD_ERRORS = {
  unreachable: {
    remedy: 'again',
    message: '{place} cannot be reached.',
    nextStep: 'It goes on by itself when there is a network. If there is one: see that the address is right.',
  },
  'no-folder': {
    remedy: 'again',
    message: 'The folder {place} is not there, or does not answer.',
    nextStep: 'Plug in its drive, or make the folder: it goes on by itself then.',
  },
  'unknown-host': {
    remedy: 'again',
    message: 'No server of the name in {place} is known here.',
    nextStep: 'It goes on by itself when there is a network. If there is one: see that the name is right.',
  },
  'broken-off': {
    remedy: 'again',
    message: 'The connection to {place} broke off.',
    nextStep: 'It goes on by itself from the last part that arrived.',
  },
  stalled: {
    remedy: 'again',
    message: '{place} stopped answering.',
    nextStep: 'It goes on by itself from the last part that arrived.',
  },
  busy: {
    remedy: 'again',
    message: '{place} is overloaded or in trouble.',
    nextStep: 'It is tried again in a while, by itself.',
  },
  corrupted: {
    remedy: 'again',
    message: 'A part was damaged on its way to {place}; the server refused it.',
    nextStep: 'It is sent again by itself. If it repeats: something on this network changes what is sent.',
  },
  'strange-answer': {
    remedy: 'again',
    message: '{place} answered something that is no answer.',
    nextStep: 'It is tried again by itself. If it repeats: see that the address is that of the storage service itself.',
  },
  'captive-portal': {
    remedy: 'again',
    message: 'This network shows a page of its own instead of {place}: it wants a sign-in first.',
    nextStep: "Open a web browser and accept the network's terms; then it goes on by itself.",
  },
  clock: {
    remedy: 'again',
    message: 'The clocks of this computer and of {place} are too far apart.',
    nextStep: "Set this computer's clock; it is tried again with the server's time meanwhile.",
  },
  vanished: {
    remedy: 'over',
    message: '{place} does not know this unfinished file any more.',
    nextStep: 'The file starts over by itself.',
  },
  'parts-differ': {
    remedy: 'over',
    message: '{place} has other parts of a file than it confirmed.',
    nextStep: 'They are compared and sent again by itself.',
  },
  'not-whole': {
    remedy: 'over',
    message: 'What {place} holds is not what was sent.',
    nextStep: 'The file is sent again by itself. If it repeats, do not use this destination, and keep the local copy.',
  },
  credentials: {
    remedy: 'person',
    message: '{place} does not accept the keys: they are wrong or have expired.',
    nextStep: 'Enter the keys again.',
  },
  permission: {
    remedy: 'person',
    message: 'These keys may not do this at {place}.',
    nextStep: 'See that the keys are right, or ask the owner for the right to write, read and list there.',
  },
  'no-bucket': {
    remedy: 'person',
    message: 'The bucket of {place} does not exist.',
    nextStep: 'See that its name and region are right, or ask the owner to create it.',
  },
  'destination-full': {
    remedy: 'person',
    message: '{place} is full.',
    nextStep: 'Free some space there, or ask its owner; then resume.',
  },
  certificate: {
    remedy: 'person',
    message: 'The certificate of {place} cannot be trusted.',
    nextStep:
      "See that the address and this computer's clock are right. If the server has an own authority, name its certificate file.",
  },
  refused: {
    remedy: 'person',
    message: '{place} refused.',
    nextStep: 'Test the destination; show this message to its owner.',
  },
  'cannot-verify': {
    remedy: 'person',
    message: '{place} has all bytes, but gives no way to check them: no checksum and no reading back.',
    nextStep: 'Keep the local copy, and have the lab check it with `fieldroom verify`.',
  },
  'not-writable': {
    remedy: 'person',
    message: '{place} cannot be written.',
    nextStep: 'See that the drive is plugged in and not read-only, and that you may write there.',
  },
  'not-there': {
    remedy: 'person',
    message: '{place} does not hold this file.',
    nextStep: 'See that the session was uploaded there, and under this name.',
  },
} as const satisfies Record<string, Trouble>;

export type UploadErrorName = keyof typeof UPLOAD_ERRORS;

/** @param reason what the server or the system said, for those who must look closer; never a secret */
export function trouble(
  name: UploadErrorName,
  place: string,
  reason = '',
  more: { cause?: unknown; data?: Record<string, unknown> } = {},
): FieldroomError {
  const { message, nextStep } = UPLOAD_ERRORS[name];
  return new FieldroomError(`upload.${name}`, message.replace('{place}', place), {
    nextStep,
    data: { ...(reason ? { reason } : {}), ...more.data },
    ...(more.cause === undefined ? {} : { cause: more.cause }),
  });
}

/** What is sensible after this error; what nobody foresaw is for a person. */
export function remedyOf(error: unknown): Remedy {
  if (!(error instanceof FieldroomError)) return 'person';
  const name = error.code.replace(/^upload\./, '');
  return name in UPLOAD_ERRORS ? UPLOAD_ERRORS[name as UploadErrorName].remedy : 'person';
}

/** What the network below HTTP said; null when it is none of that. */
export function networkTrouble(cause: unknown, place: string): FieldroomError | null {
  for (let error = cause, depth = 0; error && depth < 4; error = (error as { cause?: unknown }).cause, depth += 1) {
    const { code, message = '', name = '' } = error as { code?: unknown; message?: string; name?: string };
    const found = nameOf(typeof code === 'string' ? code : '', `${name} ${message}`);
    if (found) return trouble(found, place, message, { cause });
    const inner = (error as { errors?: unknown[] }).errors?.[0];
    if (inner) return networkTrouble(inner, place);
  }
  return null;
}

function nameOf(code: string, text: string): UploadErrorName | null {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'unknown-host';
  if (/^(ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL)$/.test(code)) return 'unreachable';
  if (/^(ETIMEDOUT|ESOCKETTIMEDOUT)$/.test(code) || /TimeoutError/.test(text)) return 'unreachable';
  if (/^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE|ERR_HTTP2_.*|HPE_.*)$/.test(code))
    return 'broken-off';
  if (/socket hang up|aborted|premature close|IncompleteBody/i.test(text)) return 'broken-off';
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ERR_TLS|ERR_SSL|EPROTO/.test(code)) return 'certificate';
  return null;
}

/** What an HTTP status means when the server says nothing better. */
export function statusTrouble(status: number): UploadErrorName {
  if (status === 401) return 'credentials';
  if (status === 403) return 'permission';
  if (status === 404 || status === 410) return 'vanished';
  if (status === 413 || status === 507) return 'destination-full';
  if (status === 511 || (status >= 300 && status < 400)) return 'captive-portal';
  if (status === 408 || status === 423 || status === 425 || status === 429 || status >= 500) return 'busy';
  return 'refused';
}
