/**
 * Receipts lie beside a sealed session and say what was done with it afterwards. Ours is `receipt-verify.json`; those of
 * uploads and exports are written by whoever made them, and only whether they are there counts here.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { findingSchema, type Verdict } from '../../common/review.ts';
import { MANIFEST } from '../store/manifest.ts';

const VERIFY = 'receipt-verify.json';
const KEPT_FINDINGS = 100;

const verifySchema = z.object({
  format: z.literal('fieldroom-verify-receipt'),
  /** Unix milliseconds. */
  atMs: z.number(),
  /** Of the manifest that was verified against: a later revision must be verified anew. */
  manifestSha256: z.string(),
  ok: z.boolean(),
  total: z.number(),
  findings: z.array(findingSchema),
});
export type VerifyReceipt = z.infer<typeof verifySchema>;

export interface Receipts {
  uploaded: boolean;
  exported: boolean;
  verified: VerifyReceipt | null;
}

export function readReceipts(folder: string): Receipts {
  const names = readdirSync(folder).filter((name) => /^receipt.*\.json$/.test(name));
  return {
    uploaded: names.some((name) => /upload/.test(name)),
    exported: names.some((name) => /export/.test(name)),
    verified: names.includes(VERIFY) ? readVerified(folder) : null,
  };
}

function readVerified(folder: string): VerifyReceipt | null {
  try {
    return verifySchema.parse(JSON.parse(readFileSync(join(folder, VERIFY), 'utf8')));
  } catch {
    // A receipt that cannot be read is none: the session is verified again.
    return null;
  }
}

export const shorten = (verdict: Omit<Verdict, 'total'>): Verdict => ({
  ok: verdict.ok,
  findings: verdict.findings.slice(0, KEPT_FINDINGS),
  total: verdict.findings.length,
  checked: verdict.checked,
});

/** @returns false where the session's disk cannot be written (a locked memory stick): the verdict then holds for this run only. */
export function writeVerified(folder: string, verdict: Verdict, atMs = Date.now()): boolean {
  try {
    const manifestSha256 = createHash('sha256')
      .update(readFileSync(join(folder, MANIFEST)))
      .digest('hex');
    const { ok, total, findings } = verdict;
    const receipt: VerifyReceipt = { format: 'fieldroom-verify-receipt', atMs, manifestSha256, ok, total, findings };
    writeFileSync(join(folder, `${VERIFY}.new`), `${JSON.stringify(receipt, null, 2)}\n`);
    renameSync(join(folder, `${VERIFY}.new`), join(folder, VERIFY));
    return true;
  } catch {
    return false;
  }
}
