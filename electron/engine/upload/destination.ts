/** The interface of a destination; S3, tus and a folder implement it. */
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
  /** Hexadecimal, of the sent bytes. */
  sha256: string;
  /** The server's name for it (ETag); empty if it gives none. */
  tag: string;
}

/** How an object at the destination was verified against the manifest. */
export interface Proof {
  /**
   * `server-checksum`: the server checked SHA-256 itself and still reports it; `read-back`: all bytes were read and
   * hashed.
   */
  by: 'server-checksum' | 'read-back';
  /** The server's answer. */
  checksum?: string;
  at: string;
}

/** One object to be stored at the destination. */
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
  /** The next request asks the server to assemble the object from its parts. */
  markCompleting(): void;
  /** Starts over. */
  forget(): void;
}

/** One file being uploaded. */
export interface SendJob {
  object: RemoteObject;
  content: Content;
  progress: SendProgress;
  signal: AbortSignal;
}

export interface Destination {
  readonly settings: DestinationSettings;
  /** For display; contains no secret. The same destination always has the same text. */
  readonly place: string;
  /** Sends the missing parts of one file, and returns its location. @throws FieldroomError `upload.*` */
  send(job: SendJob): Promise<string>;
  /**
   * Verifies the object. `parts` are those it was sent in.
   * @throws FieldroomError `upload.not-whole` when it is incomplete or different, `upload.cannot-verify` when this server offers no way to check
   */
  check(object: RemoteObject, location: string, parts: readonly PartRecord[], before: Proof | null): Promise<Proof>;
  /** Size of the object at this location, null when there is none. */
  size(location: string): Promise<number | null>;
  /**
   * Identifies the object's current version: it differs after any change that the destination can detect; null if there
   * is no object. It does not prove the bytes; it shows that a verified object has not been replaced since.
   */
  fingerprint(location: string): Promise<string | null>;
  read(location: string): Promise<Readable>;
  /** The location of an object with this key; null if the server chooses it (tus). */
  locationOf(key: string): string | null;
  remove(location: string): Promise<void>;
  close(): void;
}
