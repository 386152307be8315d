/** The configured SDK client: no hidden retries, signed payload hash, captive portals detected. */
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import { S3Client } from '@aws-sdk/client-s3';
import { fieldroomError } from '../../common/errors.ts';
import type { DestinationKeys, S3Settings } from './destination.ts';
import { placeOfS3 } from './destinationNames.ts';
import { trouble } from './uploadErrors.ts';

const CONNECT_MS = 15_000;
const SOCKETS = 32;

const silent = (): void => {};

/**
 * @throws FieldroomError `upload.no-keys` when there are no keys, `upload.ca-file` when the certificates cannot be read
 */
export function s3Client(settings: S3Settings, keys: DestinationKeys): S3Client {
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  const place = placeOfS3(settings);
  if (!accessKeyId || !secretAccessKey) throw fieldroomError('upload.no-keys', { place });
  const agent = { keepAlive: true, maxSockets: SOCKETS };
  const client = new S3Client({
    region: settings.region,
    ...(settings.endpoint ? { endpoint: settings.endpoint } : {}),
    forcePathStyle: settings.pathStyle,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
    // `retry.ts` handles retries.
    maxAttempts: 1,
    // Its warnings are not useful; real problems arrive as errors.
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent({ ...agent, ...authorities(settings.caFile) }),
    },
  });
  // The body is a stream that the SDK cannot hash beforehand; we did, so the signature covers the bytes anyway.
  client.middlewareStack.add(
    (next) => (args) => {
      const { input, request } = args as {
        input: { ChecksumSHA256?: string };
        request?: { headers?: Record<string, string> };
      };
      if (input.ChecksumSHA256 && request?.headers)
        request.headers['x-amz-content-sha256'] = Buffer.from(input.ChecksumSHA256, 'base64').toString('hex');
      return next(args);
    },
    { step: 'build', name: 'fieldroomPayloadHash' },
  );
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers = {}, statusCode = 0 } = (result.response ?? {}) as {
        headers?: Record<string, string>;
        statusCode?: number;
      };
      const isGet = 'Key' in args.input && !('Body' in args.input) && !('UploadId' in args.input);
      const html = /^text\/html/i.test(headers['content-type'] ?? '') && !(isGet && headers['x-amz-request-id']);
      if (html || statusCode === 511) throw trouble('captive-portal', place, `status ${statusCode}, a web page`);
      return result;
    },
    { step: 'deserialize', name: 'fieldroomCaptivePortal', priority: 'low' },
  );
  return client;
}

/** The system's CA certificates and those in the file. */
export function authorities(caFile: string | undefined): { ca?: string[] } {
  if (!caFile) return {};
  try {
    return { ca: [...rootCertificates, readFileSync(caFile, 'utf8')] };
  } catch (cause) {
    throw fieldroomError('upload.ca-file', { caFile }, { cause });
  }
}
