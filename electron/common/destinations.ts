/** Destinations of sessions: S3-compatible storage, a tus server, a folder, a remote of rclone. And their secrets. */
import { z } from 'zod';

const common = {
  /** Bytes of a part; absent: chosen by the size of the file. Small ones are for tests and very bad networks. */
  partBytes: z.number().int().min(1024).optional(),
};

/** A name and password in an address would be displayed, logged and stored with it. */
const address = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with https:// or http://' })
  .refine((text) => !/^[^/]*\/\/[^/]*@/.test(text), 'must not contain a name and password: enter them as keys')
  .refine((text) => !/[?#]/.test(text), 'must not contain "?" or "#": enter a token as a key');

/** Where sessions are uploaded. Contains no secrets: keys are in `DestinationKeys`, which the engine never stores. */
export const destinationSettingsSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('s3'),
    bucket: z.string().min(1).max(255),
    /** Before `<study>/<session>/`, with `/`, without one at its ends; may be empty. */
    prefix: z.string().max(500).default(''),
    /** `https://host[:port]`; absent: Amazon's for the region. */
    endpoint: address.optional(),
    region: z.string().max(60).default('us-east-1'),
    /** The bucket is part of the path, not of the host name: most servers other than Amazon's require this. */
    pathStyle: z.boolean().default(true),
    /** File with additional trusted CA certificates (PEM). */
    caFile: z.string().optional(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('tus'),
    /** Where uploads are created. */
    endpoint: address,
    prefix: z.string().max(500).default(''),
    caFile: z.string().optional(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('folder'),
    path: z.string().min(1),
    /** Id in its marker file; absent before the folder was set up. */
    id: z.string().min(8).max(64).optional(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('rclone'),
    /** As rclone names it: `nextcloud:Lab/sessions`. Its keys are in rclone's own configuration. */
    remote: z
      .string()
      .max(500)
      .regex(/^[^:"\r\n]+:[^"\r\n]*$/, 'must be a remote of rclone and a path: NAME:PATH'),
    prefix: z.string().max(500).default(''),
    /** The rclone program; absent: the installed one. */
    program: z.string().optional(),
    ...common,
  }),
]);
export type DestinationSettings = z.infer<typeof destinationSettingsSchema>;
export type S3Settings = Extract<DestinationSettings, { kind: 's3' }>;
export type TusSettings = Extract<DestinationSettings, { kind: 'tus' }>;
export type RcloneSettings = Extract<DestinationSettings, { kind: 'rclone' }>;
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
