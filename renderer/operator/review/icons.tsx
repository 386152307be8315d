/** Icons of the player's buttons. */
import type { ReactNode } from 'react';
import { Icon } from '../../components/Icon.tsx';

const SIZE = { grid: 20, px: 18 };

export const PlayIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M6 4l10 6-10 6z" fill="currentColor" />
  </Icon>
);
export const PauseIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M6.5 4v12M13.5 4v12" strokeWidth="3" />
  </Icon>
);
export const BackIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M5 4v12M15 4l-7 6 7 6z" />
  </Icon>
);
export const ForwardIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M15 4v12M5 4l7 6-7 6z" />
  </Icon>
);
export const PlusIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);
export const MinusIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M4 10h12" />
  </Icon>
);
export const FitIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M3 5v10M17 5v10M6 10h8M8 7.5L5.5 10 8 12.5M12 7.5l2.5 2.5-2.5 2.5" />
  </Icon>
);
export const SoundIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M3 8v4h3l4 3.5v-11L6 8zM13 7.5a3.5 3.5 0 0 1 0 5M15.5 5a7 7 0 0 1 0 10" />
  </Icon>
);
export const MutedIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M3 8v4h3l4 3.5v-11L6 8zM13 8l4 4M17 8l-4 4" />
  </Icon>
);
