/** The functions that the preload exposes to a page. Absent in a plain browser. */
import type { FieldroomBridge } from '../../electron/common/ipc.ts';

declare global {
  interface Window {
    readonly fieldroom?: FieldroomBridge;
  }
}

/** @throws Error if the page was not opened by the app */
export function bridge(): FieldroomBridge {
  if (!window.fieldroom) throw new Error('This page needs the Fieldroom app.');
  return window.fieldroom;
}
