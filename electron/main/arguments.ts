/** The app's command line. Chromium's switches on the same line are ignored here. */
import { isAbsolute, join, resolve } from 'node:path';
import { fieldroomError } from '../common/errors.ts';
import { type OpenRequest, openRequestOf, ownWords } from './openRequest.ts';

export interface AppArguments {
  /** Absolute; contains every session, and the app's own state in `.fieldroom`. */
  dataFolder: string;
  /** Kit to load at the start, absolute; null: the one used last, if any. */
  kitFile: string | null;
  /** No operator window until the app is started again: used by the commands `record` and `demo`. */
  hidden: boolean;
  /** A file or link that the app was started with; null: none. */
  open: OpenRequest | null;
}

export interface ArgumentContext {
  /** The user's home folder: the default data folder is `Fieldroom` in it, which cloud drives do not mirror. */
  home: string;
  /** Base of relative paths. */
  cwd: string;
}

const VALUE_FLAGS = ['--data', '--kit'] as const;

/**
 * @param all the arguments after the program's name (and, in development, after the app's path)
 * @throws FieldroomError `app.bad-argument` when a flag has no value
 */
export function parseArguments(all: readonly string[], context: ArgumentContext): AppArguments {
  const argv = ownWords(all);
  const values = new Map<string, string>();
  let hidden = false;
  for (let i = 0; i < argv.length; i += 1) {
    const [flag, inline] = splitFlag(argv[i] as string);
    if (flag === '--hidden') hidden = true;
    if (!(VALUE_FLAGS as readonly string[]).includes(flag)) continue;
    const value = inline ?? argv[i + 1];
    if (value === undefined || value === '' || (inline === undefined && value.startsWith('--'))) {
      throw fieldroomError(
        'app.bad-argument',
        { flag },
        { nextStep: flag === '--data' ? 'Name a folder: --data FOLDER.' : 'Name a kit file: --kit FILE.' },
      );
    }
    if (inline === undefined) i += 1;
    values.set(flag, value);
  }
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(context.cwd, path));
  const kit = values.get('--kit');
  return {
    dataFolder: absolute(values.get('--data') ?? join(context.home, 'Fieldroom')),
    kitFile: kit === undefined ? null : absolute(kit),
    hidden,
    open: openRequestOf(all, context.cwd),
  };
}

/** Splits `--a=b`; the value may contain `=`. */
function splitFlag(word: string): [flag: string, value: string | undefined] {
  const equals = word.indexOf('=');
  return word.startsWith('--') && equals > 0 ? [word.slice(0, equals), word.slice(equals + 1)] : [word, undefined];
}
