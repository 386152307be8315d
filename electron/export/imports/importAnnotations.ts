/** Imports annotations from a file of an annotation program into a session. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fieldroomError } from '../../common/errors.ts';
import { storeAnnotations } from '../../session/importedAnnotations.ts';
import type { ImportedFile } from './annotation.ts';
import { readBoris } from './boris.ts';
import { readEaf } from './eaf.ts';
import { readVtt } from './vtt.ts';

const MOST_BYTES = 256 * 1024 * 1024;

export interface AnnotationImport {
  format: 'eaf' | 'boris' | 'vtt';
  count: number;
  tiers: string[];
  /** Whether an earlier import of a file with this name was replaced. */
  replaced: boolean;
  notes: string[];
}

/**
 * @param session folder of the session; its index is not changed. Importing a file of the same name again replaces its annotations.
 * @throws FieldroomError `import.*`; then nothing is stored
 */
export function importAnnotations(session: string, file: string, author: string): AnnotationImport {
  const bytes = bytesOf(file);
  const name = basename(file);
  const format = formatOf(file, bytes);
  const text = textOf(bytes, file);
  const { annotations, notes } = read(format, text, file);
  if (annotations.length === 0) throw fieldroomError('import.nothing', { path: file });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { replaced } = storeAnnotations(session, { file: name, format, sha256, author, annotations });
  return {
    format,
    count: annotations.length,
    tiers: [...new Set(annotations.map(({ tier }) => tier))],
    replaced,
    notes,
  };
}

function bytesOf(file: string): Buffer {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile()) throw fieldroomError('import.no-file', { path: file });
  if (stats.size > MOST_BYTES) throw fieldroomError('import.too-large', { path: file });
  const bytes = readFileSync(file);
  // BORIS can also save compressed projects.
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes;
}

function formatOf(file: string, bytes: Buffer): AnnotationImport['format'] {
  const ending = extname(file.replace(/\.gz$/, '')).toLowerCase();
  if (ending === '.eaf') return 'eaf';
  if (ending === '.boris') return 'boris';
  if (ending === '.vtt' || ending === '.srt') return 'vtt';
  const head = bytes.subarray(0, 400).toString('latin1');
  if (head.includes('<ANNOTATION_DOCUMENT')) return 'eaf';
  if (head.includes('WEBVTT')) return 'vtt';
  throw fieldroomError('import.format-unknown', { path: file });
}

/** UTF-8 or, with its byte order mark, UTF-16. @throws FieldroomError `import.encoding` */
function textOf(bytes: Buffer, path: string): string {
  const [a, b] = bytes;
  const encoding = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw fieldroomError('import.encoding', { path }, { cause });
  }
}

function read(format: AnnotationImport['format'], text: string, file: string): ImportedFile {
  if (format === 'eaf') return readEaf(text, file);
  if (format === 'boris') return readBoris(text, file);
  return readVtt(text, file, basename(file).replace(/\.[^.]+$/, ''));
}
