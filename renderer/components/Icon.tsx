/** A sign drawn in lines, in the colour of the text. Beside it, or as its button's name, stands its word. */
import type { ReactNode } from 'react';

/** @param grid width and height of what is drawn, in its own units @param px how large it is shown */
export function Icon({ grid, px, children }: { grid: number; px: number; children: ReactNode }): ReactNode {
  return (
    <svg
      viewBox={`0 0 ${grid} ${grid}`}
      width={px}
      height={px}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}
