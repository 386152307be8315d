/**
 * Names of destinations: the same one always has the same name. Separate from the clients, whose modules load slowly.
 */
import { resolve } from 'node:path';
import type { DestinationSettings, FolderSettings, RcloneSettings, S3Settings, TusSettings } from './destination.ts';

export function placeOf(settings: DestinationSettings): string {
  switch (settings.kind) {
    case 's3':
      return placeOfS3(settings);
    case 'tus':
      return placeOfTus(settings);
    case 'folder':
      return placeOfFolder(settings);
    case 'rclone':
      return placeOfRclone(settings);
  }
}

/** `s3://bucket/prefix at https://host` */
export function placeOfS3({ bucket, prefix, endpoint, region }: S3Settings): string {
  const at = endpoint ? new URL(endpoint).origin : `amazon ${region}`;
  return `s3://${bucket}${prefix ? `/${prefix}` : ''} at ${at}`;
}

export const placeOfTus = ({ endpoint, prefix }: TusSettings): string =>
  `tus+${endpoint.replace(/\/$/, '')}${prefix ? ` as ${prefix}` : ''}`;

export const placeOfFolder = ({ path }: FolderSettings): string => resolve(path);

/** `rclone:nextcloud:Lab/sessions` */
export const placeOfRclone = ({ remote, prefix }: RcloneSettings): string =>
  `rclone:${remote}${prefix ? `/${prefix}` : ''}`;
