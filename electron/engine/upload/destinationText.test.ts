import { describe, expect, it } from 'vitest';
import { placeOf } from './destinationNames.ts';
import { parseDestination } from './destinationText.ts';

const parse = (text: string, flags: object = {}, env: Record<string, string> = {}) =>
  parseDestination(text, flags, env);

describe('a destination typed by a person', () => {
  it('is S3 with bucket and prefix; a custom endpoint needs the bucket in the path', () => {
    expect(parse('s3://lab/a//b/', { endpoint: 'https://s3.lab.edu' })).toMatchObject({
      bucket: 'lab',
      prefix: 'a/b',
      pathStyle: true,
    });
    expect(parse('s3://lab', {}, { AWS_REGION: 'eu-central-1' })).toMatchObject({
      region: 'eu-central-1',
      pathStyle: false,
    });
  });

  it('is a tus server or a folder', () => {
    expect(parse('tus+https://lab.edu/files/')).toMatchObject({ kind: 'tus', endpoint: 'https://lab.edu/files/' });
    expect(parse('/media/stick')).toMatchObject({ kind: 'folder' });
  });

  it.each(['s3://', 'tus+nowhere', ''])('or is refused with the expected form: "%s"', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'upload.destination-unclear' }));
  });

  it('distinguishes two destinations, and gives the same one the same name', () => {
    const a = placeOf(parse('s3://lab/a', { endpoint: 'https://one.edu' }));
    expect(placeOf(parse('s3://lab/a/', { endpoint: 'https://one.edu/' }))).toBe(a);
    expect(placeOf(parse('s3://lab/a', { endpoint: 'https://two.edu' }))).not.toBe(a);
  });
});
