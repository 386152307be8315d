/** All upload errors with their next step, and how to react to them. */
import { type ErrorKey, FieldroomError, fieldroomError } from '../../common/errors.ts';

/**
 * `again`: retry after a delay; `over`: start the file over; `person`: someone must act first.
 */
export type Remedy = 'again' | 'over' | 'person';

const REMEDIES = {
  unreachable: 'again',
  'no-folder': 'again',
  'unknown-host': 'again',
  'broken-off': 'again',
  stalled: 'again',
  busy: 'again',
  corrupted: 'again',
  'strange-answer': 'again',
  'captive-portal': 'again',
  clock: 'again',
  vanished: 'over',
  'parts-differ': 'over',
  'not-whole': 'over',
  credentials: 'person',
  permission: 'person',
  'no-bucket': 'person',
  'destination-full': 'person',
  certificate: 'person',
  refused: 'person',
  'cannot-verify': 'person',
  'not-writable': 'person',
  'not-there': 'person',
  'too-large': 'person',
  'name-refused': 'person',
  'other-drive': 'again',
} as const satisfies Record<string, Remedy>;

export type UploadErrorName = keyof typeof REMEDIES;

/** @param reason the message of the server or the system, for diagnosis; never a secret */
export function trouble(
  name: UploadErrorName,
  place: string,
  reason = '',
  more: { cause?: unknown; data?: Record<string, unknown> } = {},
): FieldroomError {
  return fieldroomError(
    `upload.${name}`,
    { place, detail: reason ? ` (${reason})` : '' },
    { ...more, data: { ...(reason ? { reason } : {}), ...more.data } },
  );
}

/** The reaction to this error; unknown errors need a person. */
export function remedyOf(error: unknown): Remedy {
  if (!(error instanceof FieldroomError)) return 'person';
  const name = error.code.replace(/^upload\./, '');
  return name in REMEDIES ? REMEDIES[name as UploadErrorName] : 'person';
}

/** Converts an error below HTTP; null: not a network error. */
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

/** The meaning of an HTTP status without further information. */
export function statusTrouble(status: number): UploadErrorName {
  if (status === 401) return 'credentials';
  if (status === 403) return 'permission';
  if (status === 404 || status === 410) return 'vanished';
  if (status === 507) return 'destination-full';
  if (status === 413) return 'too-large';
  if (status === 511 || (status >= 300 && status < 400)) return 'captive-portal';
  if (status === 408 || status === 423 || status === 425 || status === 429 || status >= 500) return 'busy';
  return 'refused';
}

/** The same error with the file that it concerns, in front of the reason. */
export function aboutFile(error: unknown, path: string): unknown {
  if (!(error instanceof FieldroomError) || error.data.file !== undefined) return error;
  if (typeof error.data.detail !== 'string' || !error.code.startsWith('upload.')) return error;
  const detail = ` (${[path, error.data.reason].filter(Boolean).join(': ')})`;
  const { cause, data } = error;
  return fieldroomError(error.key as ErrorKey, { ...data, detail, file: path }, { cause });
}

const BY_DISK_CODE: Readonly<Record<string, UploadErrorName>> = {
  ENOSPC: 'destination-full',
  EDQUOT: 'destination-full',
  EFBIG: 'too-large',
  EINVAL: 'name-refused',
  ENAMETOOLONG: 'name-refused',
  EILSEQ: 'name-refused',
  EACCES: 'not-writable',
  EPERM: 'not-writable',
  EROFS: 'not-writable',
  ENOTDIR: 'not-writable',
  EISDIR: 'not-writable',
  ENOENT: 'no-folder',
  ENODEV: 'no-folder',
  ENXIO: 'no-folder',
  EIO: 'no-folder',
  ESTALE: 'no-folder',
};

/** Converts a file system error of a folder destination. */
export function diskTrouble(error: unknown, place: string): unknown {
  if (error instanceof FieldroomError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const name = BY_DISK_CODE[code];
  if (name === undefined) return error;
  if (name !== 'too-large') return trouble(name, place, message, { cause: error });
  return fieldroomError(
    'upload.too-large:disk',
    { place, detail: ` (${message})` },
    { data: { reason: message }, cause: error },
  );
}
