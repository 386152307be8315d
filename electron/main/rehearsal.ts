/**
 * What a bench asks of the capture window to find out how it deals with worse devices than this machine has. A packaged
 * app knows none of it.
 */
const NAME = 'FIELDROOM_MICROPHONE_DRIFT_PPM';
const ONE = /^[\w-]+=-?\d+(\.\d+)?$/;

/** Arguments for the capture window's preload: by how much which microphone is to be off, `mic-2=50,mic-3=-50`. */
export function rehearsalArguments(isPackaged: boolean, env: NodeJS.ProcessEnv): string[] {
  const asked = env[NAME] ?? '';
  return isPackaged || !asked.split(',').every((one) => ONE.test(one)) ? [] : [`--microphone-drift-ppm=${asked}`];
}
