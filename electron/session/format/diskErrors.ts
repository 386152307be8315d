import { FieldroomError } from '../../common/errors.ts';

/** What the disk or SQLite said, as an error for people; what neither said is `internal`. `what` completes "could not be ...". */
export function diskError(cause: unknown, where: string, what = 'written'): FieldroomError {
  if (cause instanceof FieldroomError) return cause;
  const code = (cause as { code?: unknown }).code;
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (typeof code !== 'string') return new FieldroomError('internal', reason, { data: { where }, cause });
  const make = (ours: string, sentence: string, nextStep: string): FieldroomError =>
    new FieldroomError(ours, sentence, {
      nextStep,
      data: { where, reason, code },
      cause,
    });
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'SQLITE_FULL':
      return make(
        'store.disk-full',
        `The disk is full: ${where} could not be ${what}.`,
        'Free some space on this disk, or choose another data folder.',
      );
    case 'EACCES':
    case 'EPERM':
      return make(
        'store.not-writable',
        `${where} could not be ${what}: permission is missing.`,
        'Choose a data folder that you may write to.',
      );
    case 'EROFS':
    case 'SQLITE_READONLY':
    case 'SQLITE_READONLY_DIRECTORY':
      return make(
        'store.read-only',
        `${where} could not be ${what}: the disk is read-only.`,
        'Choose a data folder on a disk that can be written.',
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return make(
        'store.not-a-folder',
        `${where} is no folder, or lies below something that is none.`,
        'Choose another data folder.',
      );
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
      return make(
        'store.gone',
        `${where} is not there any more.`,
        'Connect the disk again, or choose another data folder.',
      );
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return make(
        'store.damaged',
        `The index ${where} is damaged.`,
        'Run `fieldroom verify` on this session, then `fieldroom repair`.',
      );
    default:
      return make(
        'store.write-failed',
        `${where} could not be ${what}: ${reason}.`,
        'Check the disk and its cable; recording goes on from memory meanwhile.',
      );
  }
}
