/**
 * Some servers accept a checksum that is wrong and tell it again later. So before a server's word counts, it is shown a
 * wrong one, in both ways of sending: only a server that refuses both is believed.
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

/** Sends one request: watched for a stall, retried with pauses. */
export type Ask = <O>(run: (options: { abortSignal: AbortSignal }) => Promise<O>) => Promise<O>;

/** @throws FieldroomError what the network or the server said; then nothing is known */
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

/** Refused for its content: 400. Anything else that is not success says nothing and is thrown. */
async function isRefused(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return false;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 400) return true;
    throw error;
  }
}
