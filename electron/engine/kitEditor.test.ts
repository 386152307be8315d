import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type Kit, parseKit } from '../common/kit.ts';
import { kitEditSchema } from '../common/kitEdit.ts';
import { KitEditor } from './kitEditor.ts';
import { KitStore } from './kitStore.ts';

let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('writes each edit, undoes them one by one, and changes nothing during a recording', () => {
  folder = mkdtempSync(join(tmpdir(), 'fieldroom-kit-'));
  const recorder = {
    kit: null as { kit: Kit; path: string | null } | null,
    locked: false,
    mayTakeKit(): void {
      if (this.locked) throw new Error('recording');
    },
    takeKit(kit: Kit, path: string | null): void {
      this.kit = { kit, path };
    },
  };
  const editor = new KitEditor(recorder as never, new KitStore(folder));
  const edit = (step: unknown): void => editor.edit(kitEditSchema.parse(step));
  const written = (): Kit => parseKit(readFileSync(recorder.kit?.path ?? '', 'utf8'), 'kit');
  edit({ op: 'add', sources: [{ kind: 'camera', label: 'Front' }], kitName: 'Room' });
  expect(editor.canUndo).toBe(false);
  edit({ op: 'change', id: 'camera-1', set: { label: 'Board' } });
  edit({ op: 'change', id: 'camera-1', set: { place: 'Window' } });
  expect(written().sources[0]).toMatchObject({ label: 'Board', place: 'Window' });
  editor.undo();
  expect(written().sources[0]).toMatchObject({ label: 'Board', place: '' });
  recorder.locked = true;
  expect(() => editor.undo()).toThrow('recording');
  recorder.locked = false;
  editor.undo();
  expect(written().sources[0]).toMatchObject({ label: 'Front' });
  expect(() => editor.undo()).toThrow(/nothing to undo/);
});
