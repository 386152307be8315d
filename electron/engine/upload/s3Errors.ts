/** Converts errors of an S3 server or the SDK to Fieldroom errors. */
import { FieldroomError } from '../../common/errors.ts';
import { retryAfterMs } from './retry.ts';
import { networkTrouble, statusTrouble, trouble, type UploadErrorName } from './uploadErrors.ts';

/** Error codes of S3 and its relatives (AWS "Error responses", MinIO, Ceph, SeaweedFS). */
const BY_CODE: Record<string, UploadErrorName> = {
  RequestTimeTooSkewed: 'clock',
  AccessDenied: 'permission',
  AllAccessDisabled: 'permission',
  MethodNotAllowed: 'permission',
  InvalidAccessKeyId: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  ExpiredToken: 'credentials',
  ExpiredTokenException: 'credentials',
  InvalidToken: 'credentials',
  TokenRefreshRequired: 'credentials',
  AuthorizationHeaderMalformed: 'credentials',
  NoSuchBucket: 'no-bucket',
  NoSuchUpload: 'vanished',
  InvalidPart: 'parts-differ',
  InvalidPartOrder: 'parts-differ',
  NoSuchKey: 'not-there',
  NotFound: 'not-there',
  BadDigest: 'corrupted',
  InvalidDigest: 'corrupted',
  XAmzContentSHA256Mismatch: 'corrupted',
  XAmzContentChecksumMismatch: 'corrupted',
  IncompleteBody: 'broken-off',
  RequestTimeout: 'stalled',
  SlowDown: 'busy',
  SlowDownRead: 'busy',
  SlowDownWrite: 'busy',
  ServiceUnavailable: 'busy',
  InternalError: 'busy',
  OperationAborted: 'busy',
  QuotaExceeded: 'destination-full',
  XMinioStorageFull: 'destination-full',
  XMinioAdminBucketQuotaExceeded: 'destination-full',
  InsufficientStorage: 'destination-full',
  EntityTooLarge: 'refused',
};

const FAR_OFF_MS = 10 * 60_000;

interface SdkError {
  name?: string;
  Code?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
  $response?: { headers?: Record<string, string>; statusCode?: number };
}

/** The object of a request, which a 404 without an error code reports as missing. */
export type S3Request = 'object' | 'upload' | 'bucket';

const MISSING: Record<S3Request, UploadErrorName> = { object: 'not-there', upload: 'vanished', bucket: 'refused' };

export function s3Error(error: unknown, place: string, about: S3Request): unknown {
  if (error instanceof FieldroomError) return error;
  const { name = '', Code = '', message = '', $metadata, $response } = error as SdkError;
  if (name === 'AbortError') return error;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  if (status === undefined) return networkTrouble(error, place) ?? error;
  const pause = retryAfterMs($response?.headers?.['retry-after']);
  const more = { cause: error, data: { status, ...(pause ? { retryAfterMs: pause } : {}) } };
  const known =
    BY_CODE[name] ?? BY_CODE[Code] ?? (status === 403 && isFarOff($response?.headers?.date) ? 'clock' : undefined);
  const said = `status ${status}, ${name}: ${message}`.slice(0, 300);
  // A bad digest may be a plain InvalidRequest, recognised by its text.
  if (!known && status === 400 && /checksum|digest|sha256/i.test(said)) return trouble('corrupted', place, said, more);
  if (status === 200) return trouble('strange-answer', place, said, more);
  if (!known && status === 404) return trouble(MISSING[about], place, said, more);
  return trouble(known ?? statusTrouble(status), place, said, more);
}

/** The answer to a HEAD has no body, so compare the server's clock. S3 tolerates a quarter of an hour. */
function isFarOff(date: string | undefined): boolean {
  return date !== undefined && Math.abs(Date.parse(date) - Date.now()) > FAR_OFF_MS;
}
