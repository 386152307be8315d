/** Signs of the player's buttons, 20 units wide, in the colour of the text. Each button has its name. */
import type { ReactNode } from 'react';

const Icon = ({ children }: { children: ReactNode }): ReactNode => (
  <svg
    viewBox="0 0 20 20"
    width="18"
    height="18"
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

export const PlayIcon = (): ReactNode => (
  <Icon>
    <path d="M6 4l10 6-10 6z" fill="currentColor" />
  </Icon>
);
export const PauseIcon = (): ReactNode => (
  <Icon>
    <path d="M6.5 4v12M13.5 4v12" strokeWidth="3" />
  </Icon>
);
export const BackIcon = (): ReactNode => (
  <Icon>
    <path d="M5 4v12M15 4l-7 6 7 6z" />
  </Icon>
);
export const ForwardIcon = (): ReactNode => (
  <Icon>
    <path d="M15 4v12M5 4l7 6-7 6z" />
  </Icon>
);
export const PlusIcon = (): ReactNode => (
  <Icon>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);
export const MinusIcon = (): ReactNode => (
  <Icon>
    <path d="M4 10h12" />
  </Icon>
);
export const FitIcon = (): ReactNode => (
  <Icon>
    <path d="M3 5v10M17 5v10M6 10h8M8 7.5L5.5 10 8 12.5M12 7.5l2.5 2.5-2.5 2.5" />
  </Icon>
);
export const SoundIcon = (): ReactNode => (
  <Icon>
    <path d="M3 8v4h3l4 3.5v-11L6 8zM13 7.5a3.5 3.5 0 0 1 0 5M15.5 5a7 7 0 0 1 0 10" />
  </Icon>
);
export const MutedIcon = (): ReactNode => (
  <Icon>
    <path d="M3 8v4h3l4 3.5v-11L6 8zM13 8l4 4M17 8l-4 4" />
  </Icon>
);
