/** Writes WebVTT (W3C): cues with times from the beginning of a medium. */

export interface Cue {
  fromNs: number;
  toNs: number;
  text: string;
}

export function vttOf(cues: readonly Cue[], head = ''): string {
  const sorted = [...cues].sort((a, b) => a.fromNs - b.fromNs);
  const blocks = sorted.map(
    ({ fromNs, toNs, text }, i) =>
      `${i + 1}\n${vttTime(fromNs)} --> ${vttTime(Math.max(toNs, fromNs + 1e6))}\n${vttText(text)}\n`,
  );
  return [`WEBVTT${head ? ` ${head.replaceAll(/[\r\n]|-->/g, ' ')}` : ''}\n`, ...blocks].join('\n');
}

/** Whole milliseconds. */
export function vttTime(ns: number): string {
  const ms = Math.max(0, Math.round(ns / 1e6));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

/** Removes empty lines and escapes markup, neither of which a cue's text may contain. */
const vttText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .join('\n') || '-';
