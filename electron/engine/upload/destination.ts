/** What a destination of sessions must be able to do; S3, tus and a folder are three of them. */
import type { Readable } from 'node:stream';
import type { DestinationSettings } from '../../common/destinations.ts';
import type { Content } from './content.ts';

export {
  type DestinationKeys,
  type DestinationSettings,
  destinationKeysSchema,
  destinationSettingsSchema,
  type FolderSettings,
  type RcloneSettings,
  type S3Settings,
  type TusSettings,
} from '../../common/destinations.ts';

/** The name of a session's receipt beside its manifest. */
export const REMOTE_RECEIPT = 'receipt.json';

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

/** How it was proven that an object at the destination has the bytes that the manifest lists. */
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

/** Progress of one file, written to the journal before the next step. */
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
  /**
   * Identifies the object as it is now: another text after any change that the destination can see; null when there is no
   * object. It is not a proof of the bytes: it shows that what was proven has not been replaced since.
   */
  fingerprint(location: string): Promise<string | null>;
  read(location: string): Promise<Readable>;
  /** Where an object of this key is; null where the server chooses the location (tus). */
  locationOf(key: string): string | null;
  remove(location: string): Promise<void>;
  close(): void;
}
