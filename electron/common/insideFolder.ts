/** The required part of `node:path`: this file also runs without Node. */
export interface PathRules {
  relative(from: string, to: string): string;
  isAbsolute(path: string): boolean;
  sep: string;
}

/**
 * Whether `path` is `folder` or in it, by the rules of a system: on Windows letter case does not matter, a drive's root ends
 * with its separator (`D:\`), and another drive or server has no relative path. Both absolute; links are not followed.
 */
export function isInside(folder: string, path: string, rules: PathRules): boolean {
  const way = rules.relative(folder, path);
  return !rules.isAbsolute(way) && way.split(rules.sep)[0] !== '..';
}
