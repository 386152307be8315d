import { parse } from '@formatjs/icu-messageformat-parser';
import { expect, it } from 'vitest';
import catalogue from '../../resources/locales/errors.en.json' with { type: 'json' };
import { errorReportSchema, FieldroomError, fieldroomError, sentence } from './errors.ts';

it('fills the sentence and the next step, and keeps the values as data', () => {
  const error = fieldroomError('data.in-use', { dataFolder: '/data', pid: 12345 });
  expect(error.code).toBe('data.in-use');
  expect(error.message).toBe('The data folder /data is in use by another Fieldroom (process 12345).');
  expect(error.data).toEqual({ dataFolder: '/data', pid: 12345 });
});

it('is serialised with its key, which distinguishes the sentences of one code', () => {
  const error = fieldroomError('data.full:recording', {}, { cause: new Error('inner') });
  const report = errorReportSchema.parse(JSON.parse(JSON.stringify(error.toReport())));
  expect(report.code).toBe('data.full');
  expect(report.key).toBe('data.full:recording');
  expect(FieldroomError.from(report).toReport()).toEqual(report);
});

it('keeps hostile values verbatim, and the braces of a missing value', () => {
  expect(sentence({ message: 'File {path}.' }, { path: "{x, plural, one {#}} <b>'{'</b>" }).message).toBe(
    "File {x, plural, one {#}} <b>'{'</b>.",
  );
  expect(sentence({ message: 'File {path}.' }, {}).message).toBe('File {path}.');
});

it('uses the right plural forms', () => {
  const entry = { message: '{count, plural, one {# file is} other {# files are}} missing.' };
  expect(sentence(entry, { count: 1 }).message).toBe('1 file is missing.');
  expect(sentence(entry, { count: 1200 }).message).toBe('1,200 files are missing.');
});

it.each(Object.entries(catalogue))('%s is a valid ICU message and ends as a sentence', (_key, entry) => {
  const texts = [entry.message, ...('nextStep' in entry ? [entry.nextStep] : [])];
  for (const text of texts) expect(() => parse(text, { ignoreTag: true })).not.toThrow();
});
