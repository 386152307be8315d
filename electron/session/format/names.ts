/** Names of the files in a session folder. */
export const INDEX = 'session.sqlite';
export const MANIFEST = 'manifest.json';
export const ANNOTATIONS = 'annotations.sqlite';
/** The log of acknowledged commits (commitLog.ts). */
export const COMMIT_LOG = 'commits.log';
/** Data that repair replaced. */
export const RESCUED = 'rescued';
export const MEDIA = 'media';
