/** Names of the files in a session folder. */
export const INDEX = 'session.sqlite';
export const MANIFEST = 'manifest.json';
export const ANNOTATIONS = 'annotations.sqlite';
/** What was acknowledged, line by line (commitLog.ts). */
export const COMMIT_LOG = 'commits.log';
/** Kept by repair: what it replaced. */
export const RESCUED = 'rescued';
export const MEDIA = 'media';
