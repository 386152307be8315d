/** What a place that takes sessions must be able to do; S3, tus and a folder are three of them. */
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Content } from './content.ts';

const common = {
  /** Bytes of a part; absent: chosen by the size of the file. Small ones are for tests and very bad networks. */
  partBytes: z.number().int().min(1024).optional(),
};

/** Where sessions go. Holds no secret: keys come by `DestinationKeys`, which are never written down by the engine. */
export const destinationSettingsSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('s3'),
    bucket: z.string().min(1).max(255),
    /** Before `<study>/<session>/`, with `/`, without one at its ends; may be empty. */
    prefix: z.string().max(500).default(''),
    /** `https://host[:port]`; absent: Amazon's for the region. */
    endpoint: z.url().optional(),
    region: z.string().max(60).default('us-east-1'),
    /** The bucket is part of the path, not of the host name: what most servers other than Amazon's want. */
    pathStyle: z.boolean().default(true),
    /** File with certificates (PEM) that are trusted besides the system's. */
    caFile: z.string().optional(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('tus'),
    /** Where uploads are created. */
    endpoint: z.url(),
    prefix: z.string().max(500).default(''),
    caFile: z.string().optional(),
    ...common,
  }),
  z.strictObject({ kind: z.literal('folder'), path: z.string().min(1), ...common }),
]);
export type DestinationSettings = z.infer<typeof destinationSettingsSchema>;
export type S3Settings = Extract<DestinationSettings, { kind: 's3' }>;
export type TusSettings = Extract<DestinationSettings, { kind: 'tus' }>;
export type FolderSettings = Extract<DestinationSettings, { kind: 'folder' }>;

/** Secrets of one destination. */
export const destinationKeysSchema = z.strictObject({
  accessKeyId: z.string().optional(),
  secretAccessKey: z.string().optional(),
  sessionToken: z.string().optional(),
  /** Sent to a tus server as `Authorization: Bearer`. */
  bearer: z.string().optional(),
});
export type DestinationKeys = z.infer<typeof destinationKeysSchema>;

/** A part that the server confirmed. */
export interface PartRecord {
  /** From 1. */
  number: number;
  bytes: number;
  /** Hexadecimal, of what was sent. */
  sha256: string;
  /** The server's name for it (ETag); empty where it gives none. */
  tag: string;
}

/** How it is known that the destination holds what the manifest says. */
export interface Proof {
  /** `server-checksum`: the server checked SHA-256 itself and still tells it; `read-back`: all bytes were read and hashed. */
  by: 'server-checksum' | 'read-back';
  /** What the server told. */
  checksum?: string;
  at: string;
}

/** One object as it is to be at the destination. */
export interface RemoteObject {
  /** `<study>/<session>/<path>`, below the destination's prefix. */
  key: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** How far a file is, and where that is written down before going on. */
export interface SendProgress {
  readonly serverId: string | null;
  readonly partBytes: number | null;
  readonly completing: boolean;
  parts(): PartRecord[];
  begun(serverId: string, partBytes: number): void;
  confirmed(part: PartRecord): void;
  lost(number: number): void;
  /** The server is asked next to make the object of its parts. */
  markCompleting(): void;
  /** Starts over. */
  forget(): void;
}

/** One file on its way. */
export interface SendJob {
  object: RemoteObject;
  content: Content;
  progress: SendProgress;
  signal: AbortSignal;
}

export interface Destination {
  readonly settings: DestinationSettings;
  /** For people; holds no secret. The same place has the same words. */
  readonly place: string;
  /** Sends what is missing of one file, and returns its location. @throws FieldroomError `upload.*` */
  send(job: SendJob): Promise<string>;
  /**
   * Proves that the object is whole. `parts` are those it was sent in.
   * @throws FieldroomError `upload.not-whole` when it is not, `upload.cannot-verify` when this server gives no way to know
   */
  check(object: RemoteObject, location: string, parts: readonly PartRecord[], before: Proof | null): Promise<Proof>;
  /** Size of the object at this location, null when there is none. */
  size(location: string): Promise<number | null>;
  read(location: string): Promise<Readable>;
  /** Where an object of this key is; null where the server chooses that by itself (tus). */
  locationOf(key: string): string | null;
  remove(location: string): Promise<void>;
  close(): void;
}
