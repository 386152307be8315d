import { z } from 'zod';
import { findingSchema, type Verdict } from '../../common/review.ts';
import { existsInside } from '../../session/folder/files.ts';
import { MANIFEST } from '../../session/format/manifest.ts';
import { manifestSha256 } from '../../session/seal/sealReceipt.ts';
import { readSelfChecked, writeSelfChecked } from '../../session/seal/selfChecked.ts';
import { readUploadReceipts } from '../upload/receipt.ts';

const VERIFY = 'receipt-verify.json';
const KEPT_FINDINGS = 100;

const verifySchema = z.object({
  format: z.literal('fieldroom-verify-receipt'),
  /** Unix milliseconds. */
  atMs: z.number(),
  /** Of the manifest used for verification: a later revision must be verified again. */
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
  const manifest = existsInside(folder, MANIFEST) ? manifestSha256(folder) : null;
  return {
    // Must match the current manifest: a receipt of an earlier revision does not apply.
    uploaded: readUploadReceipts(folder).some((receipt) => receipt.manifest.sha256 === manifest),
    // No current export contains a complete session, so none counts as a copy.
    exported: false,
    verified: existsInside(folder, VERIFY) ? readVerified(folder) : null,
  };
}

export { manifestSha256 } from '../../session/seal/sealReceipt.ts';

function readVerified(folder: string): VerifyReceipt | null {
  try {
    return verifySchema.parse(readSelfChecked(folder, VERIFY));
  } catch {
    // An unreadable receipt is ignored: the session is verified again.
    return null;
  }
}

export const shorten = (verdict: Omit<Verdict, 'total'>): Verdict => ({
  ok: verdict.ok,
  findings: verdict.findings.slice(0, KEPT_FINDINGS),
  total: verdict.findings.length,
  checked: verdict.checked,
});

/**
 * @returns false where the session's disk cannot be written (a locked memory stick): the verdict is then kept for this
 * run only.
 */
export function writeVerified(folder: string, verdict: Verdict, atMs = Date.now()): boolean {
  try {
    const { ok, total, findings } = verdict;
    const format = 'fieldroom-verify-receipt';
    const receipt: VerifyReceipt = { format, atMs, manifestSha256: manifestSha256(folder), ok, total, findings };
    writeSelfChecked(folder, VERIFY, receipt);
    return true;
  } catch {
    return false;
  }
}
