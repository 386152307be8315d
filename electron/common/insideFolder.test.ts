import { posix, win32 } from 'node:path';
import { expect, it } from 'vitest';
import { isInside } from './insideFolder.ts';

it.each([
  ['D:\\', 'D:\\study\\session', true],
  ['D:\\data', 'd:\\DATA\\study', true],
  ['D:\\data', 'D:\\data', true],
  ['D:\\data', 'D:\\data2', false],
  ['D:\\data', 'E:\\data\\study', false],
  ['D:\\data', 'D:\\', false],
  ['D:\\data', 'D:\\data\\..hidden', true],
  ['\\\\server\\share\\', '\\\\server\\share\\data\\study', true],
  ['\\\\server\\share\\data', '\\\\SERVER\\share\\data\\study', true],
  ['\\\\server\\share', '\\\\server\\other\\study', false],
])('on Windows %s holds %s: %s', (folder, path, inside) => expect(isInside(folder, path, win32)).toBe(inside));

it.each([
  ['/', '/data/study', true],
  ['/data', '/data/study', true],
  ['/data', '/data2', false],
  ['/data', '/Data/study', false],
  ['/data/a', '/data', false],
])('on Linux %s holds %s: %s', (folder, path, inside) => expect(isInside(folder, path, posix)).toBe(inside));
