/**
 * What a bench asks of the capture window to find out how it deals with worse devices than this machine has. A packaged
 * app knows none of it.
 */
const NAME = 'FIELDROOM_MICROPHONE_DRIFT_PPM';

/** Arguments for the capture window's preload. */
export function rehearsalArguments(isPackaged: boolean, env: NodeJS.ProcessEnv): string[] {
  const ppm = Number(env[NAME] ?? 0);
  return isPackaged || !Number.isFinite(ppm) || ppm === 0 ? [] : [`--microphone-drift-ppm=${ppm}`];
}
