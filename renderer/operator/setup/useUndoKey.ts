/** Ctrl+Z (⌘Z on a Mac) takes back the last step, except where it takes back what is being typed. */
import { useEffect } from 'react';

/** @param undo undefined: there is nothing to take back */
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

/** A field whose text was not saved yet: its own undo comes first. */
const isDirty = (target: HTMLElement): boolean =>
  target instanceof HTMLInputElement && target.type === 'text' && target.value !== target.dataset.saved;
