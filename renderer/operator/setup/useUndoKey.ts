/** Ctrl+Z (⌘Z on a Mac) undoes the last step, except in a text field, where it undoes typing. */
import { useEffect } from 'react';

/** @param undo undefined: there is nothing to undo */
export function useUndoKey(undo: (() => void) | undefined): void {
  useEffect(() => {
    if (!undo) return;
    const pressed = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.key.toLowerCase() !== 'z' || event.shiftKey || event.altKey || !(event.ctrlKey || event.metaKey))
        return;
      if (target.closest('[role="dialog"], textarea') || isDirty(target)) return;
      event.preventDefault();
      undo();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [undo]);
}

/** A field with unsaved text: its own undo takes precedence. */
const isDirty = (target: HTMLElement): boolean =>
  target instanceof HTMLInputElement && target.type === 'text' && target.value !== target.dataset.saved;
