import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { kitSchema } from '../common/kit.ts';
import { KitStore } from './kitStore.ts';

const kit = (name: string) => kitSchema.parse({ name, sources: [{ id: 'cam', kind: 'camera' }] });

function kitStore(): { kitStore: KitStore; folder: string } {
  const data = mkdtempSync(join(tmpdir(), 'fieldroom-shelf-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  return { kitStore: new KitStore(data), folder: join(data, '.fieldroom', 'kits') };
}

it('keeps kits with the same name apart, and all inside the folder', () => {
  const { kitStore: kits, folder } = kitStore();
  expect(kits.list()).toEqual([]);
  const paths = ['Room 12', 'Room 12', '../../evil', '日本'].map((name) => kits.add(kit(name)));
  expect(readdirSync(folder).sort()).toEqual(['evil.json', 'kit.json', 'room-12-2.json', 'room-12.json']);
  expect(paths.map((path) => kits.read(path).name)).toEqual(['Room 12', 'Room 12', '../../evil', '日本']);
});

it('reports the error of a damaged or newer kit, and lists the others', () => {
  const { kitStore: kits, folder } = kitStore();
  kits.add(kit('Good'));
  writeFileSync(join(folder, 'damaged.json'), '{"name": "Dam');
  writeFileSync(join(folder, 'newer.json'), '{"version": 99, "name": "Newer", "sources": []}');
  const listed = Object.fromEntries(kits.list().map(({ name, trouble }) => [name, trouble?.code ?? null]));
  expect(listed).toEqual({ Good: null, damaged: 'kit.not-json', newer: 'kit.newer' });
});

it('reads and deletes only its own files', () => {
  const { kitStore: kits, folder } = kitStore();
  const path = kits.add(kit('Good'));
  for (const other of ['/etc/hosts', join(folder, '..', 'engine.json'), join(folder, 'x', '..', '..', 'y.json')])
    expect(() => kits.read(other)).toThrow(expect.objectContaining({ code: 'kit.not-on-shelf' }));
  kits.setAside(path);
  expect(kits.list()).toEqual([]);
  expect(readdirSync(folder)).toHaveLength(1);
});
