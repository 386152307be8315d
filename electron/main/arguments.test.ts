import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';

const context = { home: resolve('/home/ada'), cwd: resolve('/work') };

describe('the command line of the app', () => {
  it('uses a data folder in the home folder by default', () => {
    expect(parseArguments([], context)).toEqual({
      dataFolder: resolve('/home/ada/Fieldroom'),
      kitFile: null,
      hidden: false,
      open: null,
    });
  });

  it('accepts values after a space or an equals sign, relative to the working folder', () => {
    expect(parseArguments(['--data', 'lessons', '--kit=kits/a=b.json', '--hidden'], context)).toEqual({
      dataFolder: resolve('/work/lessons'),
      kitFile: resolve('/work/kits/a=b.json'),
      hidden: true,
      open: null,
    });
  });

  it('ignores the switches of Chromium and of a debugger', () => {
    const argv = ['--no-sandbox', '--inspect=0', '-r', 'loader.js', '.', '--data', 'd', '--disable-gpu'];
    expect(parseArguments(argv, context).dataFolder).toBe(resolve('/work/d'));
  });

  it.each([[['--data']], [['--data', '--hidden']], [['--kit=']]])('names the flag without a value: %j', (argv) => {
    expect(() => parseArguments(argv, context)).toThrow(/^--(data|kit) needs a value\.$/);
  });
});
