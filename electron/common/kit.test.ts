import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseKit, withoutSecrets } from './kit.ts';

const faultsOf = (json: unknown): string => {
  try {
    parseKit(JSON.stringify(json), 'room.json');
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a kit file', () => {
  it('is short by hand: a name and one source are enough', () => {
    const kit = parseKit('{"name":"Room","sources":[{"id":"cam","kind":"camera"}]}', 'room.json');
    expect(kit.sources[0]).toMatchObject({
      id: 'cam',
      driver: 'webcam',
      match: {},
      settings: { width: 1280, height: 720, frameRate: 30, codec: 'h264' },
    });
    expect(kit).toMatchObject({ study: 'default', live: 'on', version: 1 });
  });

  it('reports each error with its location in the file', () => {
    const message = faultsOf({
      name: '',
      sources: [
        { id: 'Cam 1', kind: 'camera' },
        { id: 'b', kind: 'serial' },
        { id: 'c', kind: 'camera', settings: { width: 'wide' } },
      ],
    });
    for (const place of ['name:', 'sources[0].id:', 'sources[1].driver:', 'sources[2].settings.width:'])
      expect(message).toContain(place);
  });

  it('may not contain duplicate source names, unknown kinds or unknown fields', () => {
    expect(
      faultsOf({
        name: 'x',
        sources: [
          { id: 'a', kind: 'camera' },
          { id: 'a', kind: 'microphone' },
        ],
      }),
    ).toContain('sources[1].id');
    expect(faultsOf({ name: 'x', sources: [{ id: 'a', kind: 'drone' }] })).toContain('sources[0].kind');
    expect(faultsOf({ name: 'x', souces: [], sources: [{ id: 'a', kind: 'camera' }] })).toContain('souces');
  });

  it('of a newer Fieldroom, or that is not JSON, is reported as such', () => {
    expect(() => parseKit('{"version":9}', 'k')).toThrow(expect.objectContaining({ code: 'kit.newer' }));
    expect(() => parseKit('{name}', 'k')).toThrow(expect.objectContaining({ code: 'kit.not-json' }));
  });

  it('is stored in a session without its secrets', () => {
    const source = {
      id: 'heart',
      kind: 'serial',
      driver: 'ant-heart-rate',
      settings: { networkKey: 'A1B2C3D4E5F60718', mode: 'scan' },
    };
    const kept = JSON.stringify(withoutSecrets(parseKit(JSON.stringify({ name: 'x', sources: [source] }), 'k')));
    expect(kept).not.toContain('A1B2C3');
    expect(kept).toContain('scan');
  });

  it('of the demo is valid', () => {
    const text = readFileSync(new URL('../../resources/kits/demo.json', import.meta.url), 'utf8');
    expect(parseKit(text, 'demo.json').sources.length).toBeGreaterThanOrEqual(5);
  });
});
