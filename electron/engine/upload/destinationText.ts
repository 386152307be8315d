/**
 * A destination typed by a person: `s3://bucket/prefix`, `tus+https://host/files/`, `rclone:remote:path`, or a folder.
 */
import { resolve } from 'node:path';
import { fieldroomError } from '../../common/errors.ts';
import { type DestinationKeys, type DestinationSettings, destinationSettingsSchema } from './destination.ts';

export interface DestinationFlags {
  endpoint?: string | undefined;
  region?: string | undefined;
  virtualHost?: boolean | undefined;
  ca?: string | undefined;
  partSize?: number | undefined;
}

/** @throws FieldroomError `upload.destination-unclear` */
export function parseDestination(
  text: string,
  flags: DestinationFlags,
  env: Record<string, string | undefined>,
): DestinationSettings {
  const parsed = destinationSettingsSchema.safeParse(settingsOf(text, flags, env));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw fieldroomError('upload.destination-unclear', { text, faults });
}

function settingsOf(text: string, flags: DestinationFlags, env: Record<string, string | undefined>): unknown {
  const caFile = flags.ca === undefined ? {} : { caFile: resolve(flags.ca) };
  const partBytes = flags.partSize === undefined ? {} : { partBytes: flags.partSize };
  if (text.startsWith('s3://')) {
    const [bucket = '', ...rest] = text.slice('s3://'.length).split('/');
    const endpoint = flags.endpoint ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
    const region = flags.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
    return {
      ...{ kind: 's3', bucket, prefix: rest.filter((part) => part !== '').join('/') },
      ...(endpoint ? { endpoint } : {}),
      ...(region ? { region } : {}),
      // Amazon S3 needs the bucket in the host name, nearly all others in the path.
      pathStyle: endpoint !== undefined && !flags.virtualHost,
      ...caFile,
      ...partBytes,
    };
  }
  if (text.startsWith('tus+')) return { kind: 'tus', endpoint: text.slice('tus+'.length), ...caFile, ...partBytes };
  if (text.startsWith('rclone:')) return { kind: 'rclone', remote: text.slice('rclone:'.length), ...partBytes };
  return { kind: 'folder', path: text === '' ? '' : resolve(text), ...partBytes };
}

/** Keys for the command line: from the environment, under the names that other tools use. */
export function keysFromEnvironment(env: Record<string, string | undefined>): DestinationKeys {
  const pick = (key: keyof DestinationKeys, name: string): DestinationKeys => (env[name] ? { [key]: env[name] } : {});
  return {
    ...pick('accessKeyId', 'AWS_ACCESS_KEY_ID'),
    ...pick('secretAccessKey', 'AWS_SECRET_ACCESS_KEY'),
    ...pick('sessionToken', 'AWS_SESSION_TOKEN'),
    ...pick('bearer', 'FIELDROOM_TUS_TOKEN'),
  };
}
