/**
 * Some servers accept a wrong checksum and report it later as correct. So before its checksums are trusted, a server
 * gets a wrong one by both upload methods: only a server that rejects both is trusted.
 */
import { randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Settings } from './destination.ts';
import { base64Of, keyPath } from './s3Names.ts';

const WRONG = base64Of('00'.repeat(32));

/** Sends one request: monitored for stalls, retried with delays. */
export type Ask = <O>(run: (options: { abortSignal: AbortSignal }) => Promise<O>) => Promise<O>;

/** @throws FieldroomError the error of the network or the server; the result is then unknown */
export async function serverRefusesWrongChecksums(
  client: S3Client,
  ask: Ask,
  { bucket, prefix }: S3Settings,
): Promise<boolean> {
  const at = { Bucket: bucket, Key: keyPath(prefix, `.fieldroom-test-${randomBytes(6).toString('hex')}`) };
  const Body = Buffer.from('a checksum that is wrong');
  const put = new PutObjectCommand({ ...at, Body, ChecksumSHA256: WRONG });
  if (!(await ask((options) => isRefused(client.send(put, options))))) {
    await ask((options) => client.send(new DeleteObjectCommand(at), options)).catch(() => undefined);
    return false;
  }
  const { UploadId } = await ask((options) =>
    client.send(new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'SHA256' }), options),
  );
  const part = new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body, ChecksumSHA256: WRONG });
  try {
    return await ask((options) => isRefused(client.send(part, options)));
  } finally {
    const abort = new AbortMultipartUploadCommand({ ...at, UploadId });
    await ask((options) => client.send(abort, options)).catch(() => undefined);
  }
}

/** 400: rejected because of its content. Any other failure is inconclusive and is thrown. */
async function isRefused(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return false;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 400) return true;
    throw error;
  }
}
