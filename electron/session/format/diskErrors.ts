import { type ErrorKey, FieldroomError, fieldroomError } from '../../common/errors.ts';

/**
 * Converts an error of the disk or SQLite to a FieldroomError; any other error is `internal`. `what` completes "could
 * not be ...".
 */
export function diskError(cause: unknown, where: string, what = 'written'): FieldroomError {
  if (cause instanceof FieldroomError) return cause;
  const code = (cause as { code?: unknown }).code;
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (typeof code !== 'string') return new FieldroomError('internal', reason, { data: { where }, cause });
  const make = (key: ErrorKey): FieldroomError => fieldroomError(key, { where, what, reason, code }, { cause });
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'SQLITE_FULL':
      return make('store.disk-full');
    case 'EACCES':
    case 'EPERM':
      return make('store.not-writable');
    case 'EROFS':
    case 'SQLITE_READONLY':
    case 'SQLITE_READONLY_DIRECTORY':
      return make('store.read-only');
    case 'ENOTDIR':
    case 'EEXIST':
      return make('store.not-a-folder');
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return make('store.gone');
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return make('store.damaged:index');
    default:
      return make('store.write-failed');
  }
}
