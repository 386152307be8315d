/** The app's own command line. Chromium's switches stand on the same line and are none of our business. */
import { isAbsolute, join, resolve } from 'node:path';
import { fieldroomError } from '../common/errors.ts';
import { type OpenRequest, openRequestOf, ownWords } from './openRequest.ts';

export interface AppArguments {
  /** Absolute; holds every session, and the app's own state in `.fieldroom`. */
  dataFolder: string;
  /** Kit to take into use at the start, absolute; null: the one used last, if any. */
  kitFile: string | null;
  /** No operator window until somebody asks for one: used by the command line's `record` and `demo`. */
  hidden: boolean;
  /** A file or link that the app was started with; null: none. */
  open: OpenRequest | null;
}

export interface ArgumentContext {
  /** Home folder of the person: the default data folder is `Fieldroom` in it, which no cloud drive mirrors. */
  home: string;
  /** Relative paths are relative to this. */
  cwd: string;
}

const VALUE_FLAGS = ['--data', '--kit'] as const;

/**
 * @param all what follows the program's name (and, in development, the app's path)
 * @throws FieldroomError `app.bad-argument` when a flag lacks its value
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

/** `--a=b` in two; a value may itself hold `=`. */
function splitFlag(word: string): [flag: string, value: string | undefined] {
  const equals = word.indexOf('=');
  return word.startsWith('--') && equals > 0 ? [word.slice(0, equals), word.slice(equals + 1)] : [word, undefined];
}
