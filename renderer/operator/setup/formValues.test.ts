import { expect, it } from 'vitest';
import { settingsFieldSchema } from '../../../electron/common/settingsForm.ts';
import { choiceOf, fieldText, isComplete, textFits, valueOfText, withSetting } from './formValues.ts';

const field = (more: object) => settingsFieldSchema.parse({ name: 'a', label: 'A', kind: 'text', ...more });

it('accepts numbers in their range, with either decimal sign', () => {
  const number = field({ kind: 'number', min: 0.1, max: 200 });
  expect(valueOfText(number, ' 2,5 ')).toBe(2.5);
  expect(valueOfText(number, '')).toBeUndefined();
  expect(['', '0.1', '200', '1e2'].every((text) => textFits(number, text))).toBe(true);
  expect(['0', '201', 'x', '1.2.3', '--1'].some((text) => textFits(number, text))).toBe(false);
  expect(textFits(field({ kind: 'number', whole: true }), '1.5')).toBe(false);
});

it('reports missing required values, and values in the wrong form', () => {
  const key = field({ kind: 'secret', required: true, pattern: '^[0-9a-f]{16}$' });
  expect(['', '00', '00112233445566ff'].map((text) => textFits(key, text))).toEqual([false, false, true]);
});

it('reads lists, and columns by number or by name', () => {
  const list = field({ kind: 'list' });
  expect(valueOfText(list, '0x6012, 0x6E66,')).toEqual(['0x6012', '0x6E66']);
  expect(fieldText(list, ['a', 'b'])).toBe('a, b');
  const reference = field({ kind: 'reference' });
  expect([valueOfText(reference, '3'), valueOfText(reference, 'imu.x')]).toEqual([3, 'imu.x']);
  expect(fieldText(reference, { column: 2, wrapsAt: 65_536 })).toBe('2');
});

it('keeps the value of a choice, whatever its type', () => {
  const choice = field({
    kind: 'choice',
    choices: [
      { value: true, label: 'Yes' },
      { value: 'auto', label: 'Automatic' },
    ],
  });
  expect([choiceOf(choice, 'true'), choiceOf(choice, 'auto')]).toEqual([true, 'auto']);
});

it('removes a setting when it is blank, and adds a row when it is complete', () => {
  expect(withSetting({ a: 1, b: 2 }, 'a', undefined)).toEqual({ b: 2 });
  expect(withSetting({ b: 2 }, 'a', 1)).toEqual({ a: 1, b: 2 });
  const fields = [field({ name: 'id', required: true }), field({ name: 'note' })];
  expect([isComplete(fields, { note: 'x' }), isComplete(fields, { id: 'x' })]).toEqual([false, true]);
});
