/** The single queue of edits to the kit in use: each edit is applied, checked, written and can be undone. */
import { fieldroomError } from '../common/errors.ts';
import type { Kit } from '../common/kit.ts';
import { applyEdit, type kitEditSchema } from '../common/kitEdit.ts';
import { writeKit } from './kitFile.ts';
import type { KitStore } from './kitStore.ts';
import type { Recorder } from './session/recorder.ts';

const STEPS = 100;

export class KitEditor {
  readonly #recorder: Recorder;
  readonly #store: KitStore;
  /** Earlier states of the kit at a path, newest last; kept while this recorder runs. */
  readonly #history = new Map<string, Kit[]>();

  constructor(recorder: Recorder, store: KitStore) {
    this.#recorder = recorder;
    this.#store = store;
  }

  get canUndo(): boolean {
    return this.#steps().length > 0;
  }

  /**
   * Synchronous from reading the kit to writing it: concurrent edits are applied one after the other.
   * @throws FieldroomError `session.recording`, `kit.not-writable`, or what `applyEdit` finds; nothing is changed then
   */
  edit(step: ReturnType<typeof kitEditSchema.parse>): void {
    this.#recorder.mayTakeKit();
    const before = this.#recorder.kit;
    const next = applyEdit(before?.kit ?? null, step);
    const path = this.#write(next, before?.path ?? null);
    if (before) this.#history.set(path, [...(this.#history.get(before.path ?? path) ?? []), before.kit].slice(-STEPS));
  }

  /** @throws FieldroomError `kit.nothing-to-undo`, `session.recording`, `kit.not-writable` */
  undo(): void {
    this.#recorder.mayTakeKit();
    const path = this.#recorder.kit?.path ?? null;
    const steps = this.#steps();
    const last = steps.at(-1);
    if (!last) throw fieldroomError('kit.nothing-to-undo');
    const at = this.#write(last, path);
    this.#history.set(at, steps.slice(0, -1));
  }

  #steps(): readonly Kit[] {
    return this.#history.get(this.#recorder.kit?.path ?? '') ?? [];
  }

  #write(kit: Kit, path: string | null): string {
    const at = path ?? this.#store.add(kit);
    if (path !== null) writeKit(path, kit);
    this.#recorder.takeKit(kit, at);
    return at;
  }
}
