import { expect, it } from 'vitest';
import { driverInfoSchema, type SettingsField } from '../electron/common/settingsForm.ts';
import { describeDriver } from './describe.ts';
import { drivers, findRegistered } from './registry.ts';

const infos = drivers.map(describeDriver);
const field = (driver: string, name: string): SettingsField | undefined =>
  describeDriver(findRegistered(driver, 'test').driver).settings.find((one) => one.name === name);

it('serialises every driver, with a label for each setting', () => {
  for (const info of infos) {
    expect(driverInfoSchema.parse(JSON.parse(JSON.stringify(info)))).toEqual(info);
    for (const { label, kind, choices } of info.settings) {
      expect(label, info.id).not.toBe('');
      if (kind === 'choice') expect(choices.length, info.id).toBeGreaterThan(1);
    }
  }
});

it('draws fields from the schema: numbers with their range, choices, secrets, tables, groups', () => {
  expect(field('lines', 'baudRate')).toMatchObject({
    kind: 'number',
    min: 50,
    max: 12_000_000,
    whole: true,
    default: 115_200,
    unit: 'bit/s',
  });
  expect(field('lines', 'format')).toMatchObject({ kind: 'choice', default: 'auto' });
  expect(field('lines', 'format')?.choices.map(({ value }) => value)).toContain('key-value');
  expect(field('lines', 'header')?.choices.map(({ value }) => value)).toEqual([true, false, 'auto']);
  expect(field('lines', 'columns')).toMatchObject({ kind: 'rows' });
  expect(field('lines', 'columns')?.fields.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['name', 'unit', 'type', 'column', 'scale']),
  );
  expect(field('lines', 'deviceTime')).toMatchObject({ kind: 'group', advanced: true });
  expect(field('lines', 'counter')).toMatchObject({ kind: 'reference' });
  expect(field('ant-heart-rate', 'networkKey')).toMatchObject({ kind: 'secret', required: true });
  expect(field('ant-heart-rate', 'networkKey')?.pattern).toContain('0-9a-fA-F');
  expect(field('ant-heart-rate', 'straps')).toMatchObject({ kind: 'pairs', editor: 'straps' });
  expect(field('pozyx', 'anchors')?.fields.map(({ name }) => name)).toEqual(['id', 'x', 'y', 'z']);
  expect(field('pozyx', 'what')).toMatchObject({ kind: 'choices' });
  expect(field('pozyx', 'heightMm')).toMatchObject({ kind: 'number', unit: 'mm', label: 'Height of the tag' });
  expect(field('pozyx-mqtt', 'password')).toMatchObject({ kind: 'secret' });
  expect(field('go-direct', 'channels')).toMatchObject({ kind: 'list' });
});

it('marks as secret whatever the kit masks', () => {
  for (const info of infos)
    for (const { name, kind } of info.settings)
      if (/(key|password|secret|token)$/i.test(name)) expect(kind, `${info.id}.${name}`).toBe('secret');
});
