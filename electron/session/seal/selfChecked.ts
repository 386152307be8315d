/** Small self-verifying JSON files beside a sealed session: the last field is the SHA-256 of the others. */
import { createHash } from 'node:crypto';
import { existsInside, readInside, writeInside } from '../folder/files.ts';

const digest = (body: object): string => createHash('sha256').update(JSON.stringify(body)).digest('hex');

/** @param body plain JSON without a field `sha256` */
export function writeSelfChecked(folder: string, file: string, body: object): void {
  writeInside(folder, file, textOf({ ...body, sha256: digest(body) }));
}

/** Null: it does not exist, or any byte was changed. */
export function readSelfChecked(folder: string, file: string): Record<string, unknown> | null {
  if (!existsInside(folder, file)) return null;
  try {
    const text = readInside(folder, file).toString('utf8');
    const { sha256, ...body } = JSON.parse(text) as Record<string, unknown>;
    return digest(body) === sha256 && text === textOf({ ...body, sha256 }) ? body : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

const textOf = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
