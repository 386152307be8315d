/**
 * Settings with which a bench makes the capture window simulate worse devices than this machine has. A packed app
 * ignores them.
 */
const NAME = 'FIELDROOM_MICROPHONE_DRIFT_PPM';
const ONE = /^[\w-]+=-?\d+(\.\d+)?$/;

/** Arguments for the capture window's preload: clock error of each microphone in ppm, `mic-2=50,mic-3=-50`. */
export function rehearsalArguments(isPackaged: boolean, env: NodeJS.ProcessEnv): string[] {
  const asked = env[NAME] ?? '';
  return isPackaged || !asked.split(',').every((one) => ONE.test(one)) ? [] : [`--microphone-drift-ppm=${asked}`];
}
