/** A line icon in the colour of the text. Its label is beside it, or is the button's name. */
import type { ReactNode } from 'react';

/** @param grid width and height of the drawing, in its own units @param px displayed size */
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
