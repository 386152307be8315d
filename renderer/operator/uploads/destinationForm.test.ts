import { describe, expect, it } from 'vitest';
import { destinationSettingsSchema } from '../../../electron/common/destinations.ts';
import { faultOf, formOf, keysOf, settingsOf } from './destinationForm.ts';

const blank = formOf(null);
const lab = { ...blank, name: 'Lab', bucket: 'lessons', endpoint: 'https://store.example' };

describe('a destination entered in the form', () => {
  it('becomes settings, without the slashes and spaces of copying', () => {
    const form = { ...lab, endpoint: ' https://store.example ', prefix: '/school a//7b/ ' };
    expect(destinationSettingsSchema.parse(settingsOf(form))).toEqual({
      ...{ kind: 's3', bucket: 'lessons', endpoint: 'https://store.example', region: 'us-east-1' },
      ...{ prefix: 'school a/7b', pathStyle: true },
    });
  });

  it('at Amazon has its bucket in the server name', () => {
    expect(settingsOf({ ...lab, endpoint: '' })).toMatchObject({ pathStyle: false });
  });

  it.each([
    {
      kind: 's3' as const,
      bucket: 'b',
      prefix: 'p',
      endpoint: 'https://h',
      region: 'eu',
      pathStyle: false,
      caFile: '/ca',
    },
    { kind: 'tus' as const, endpoint: 'https://h/files/', prefix: '' },
    { kind: 'folder' as const, path: '/media/stick' },
  ])('is the same after it was changed and saved: %o', (settings) => {
    expect(destinationSettingsSchema.parse(settingsOf(formOf({ name: 'x', settings })))).toEqual(settings);
  });

  it('gets errors for its fields', () => {
    expect(faultOf({ ...lab, name: ' ' })?.field).toBe('name');
    expect(faultOf({ ...lab, bucket: '' })?.field).toBe('bucket');
    expect(faultOf({ ...lab, endpoint: 'store.example' })?.field).toBe('endpoint');
    expect(faultOf({ ...lab, endpoint: 'https://me:secret@store.example' })?.field).toBe('endpoint');
    expect(faultOf({ ...lab, accessKeyId: 'A' })?.field).toBe('secretAccessKey');
    expect(faultOf({ ...lab, kind: 'folder' })?.field).toBe('path');
    expect(faultOf({ ...lab, kind: 'tus', endpoint: '' })?.field).toBe('endpoint');
    expect(faultOf(lab)).toBeNull();
  });
});

describe('keys entered in the form', () => {
  it('depend on the kind; if none are entered, the stored ones are kept', () => {
    const typed = { ...lab, accessKeyId: ' A ', secretAccessKey: 'S', bearer: 'T' };
    expect(keysOf(typed)).toEqual({ accessKeyId: 'A', secretAccessKey: 'S' });
    expect(keysOf({ ...typed, kind: 'tus' })).toEqual({ bearer: 'T' });
    expect(keysOf({ ...typed, kind: 'folder' })).toBeNull();
    expect(keysOf(lab)).toBeNull();
    expect(JSON.stringify(settingsOf(typed))).not.toContain('"S"');
  });
});
