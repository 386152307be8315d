/** Opens a destination by its settings and keys. */
import type { Destination, DestinationKeys, DestinationSettings } from './destination.ts';
import { FolderDestination } from './folder.ts';
import { RcloneDestination } from './rclone.ts';
import type { DestinationParts } from './request.ts';
import { S3Destination } from './s3.ts';
import { s3Client } from './s3Client.ts';
import { TusDestination } from './tus.ts';

/** @throws FieldroomError `upload.no-keys`, `upload.ca-file` */
export function openDestination(
  settings: DestinationSettings,
  keys: DestinationKeys,
  parts: DestinationParts,
): Destination {
  switch (settings.kind) {
    case 's3':
      return new S3Destination(settings, s3Client(settings, keys), parts);
    case 'tus':
      return new TusDestination(settings, keys, parts);
    case 'folder':
      return new FolderDestination(settings, parts);
    case 'rclone':
      return new RcloneDestination(settings, parts);
  }
}
