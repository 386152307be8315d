/** From settings and keys to a destination that works. */
import type { Destination, DestinationKeys, DestinationSettings } from './destination.ts';
import { FolderDestination, placeOfFolder } from './folder.ts';
import type { DestinationParts } from './request.ts';
import { placeOfS3, S3Destination } from './s3.ts';
import { s3Client } from './s3Client.ts';
import { placeOfTus, TusDestination } from './tus.ts';

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
  }
}

/** The same place has the same words. */
export function placeOf(settings: DestinationSettings): string {
  switch (settings.kind) {
    case 's3':
      return placeOfS3(settings);
    case 'tus':
      return placeOfTus(settings);
    case 'folder':
      return placeOfFolder(settings);
  }
}
