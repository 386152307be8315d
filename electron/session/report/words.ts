/** Formats figures for people. */

/** `00:12:03.4` from the session's zero. */
export function momentText(seconds: number): string {
  const sign = seconds < 0 ? '-' : '';
  const tenths = Math.round(Math.abs(seconds) * 10);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${sign}${two(Math.floor(tenths / 36_000))}:${two(Math.floor(tenths / 600) % 60)}:${two(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
}

export function lengthText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  if (seconds < 7200) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(2)} h`;
}

export function millisText(ms: number): string {
  if (ms >= 1000) return lengthText(ms / 1000);
  return `${ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms >= 0.1 ? ms.toFixed(2) : ms.toFixed(3)} ms`;
}

/** A bound, rounded up so that it stays valid. */
export const boundText = (ms: number): string =>
  ms >= 1000
    ? lengthText(Math.ceil(ms / 100) / 10)
    : `${ms >= 10 ? Math.ceil(ms) : (Math.ceil(ms * 10 - 1e-9) / 10).toFixed(1)} ms`;

export const shareText = (share: number): string =>
  share >= 0.1 ? `${(share * 100).toFixed(0)} %` : `${(share * 100).toFixed(2)} %`;
