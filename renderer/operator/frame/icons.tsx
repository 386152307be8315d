/** The icons of the rail. */
import type { ReactNode } from 'react';
import { Icon } from '../../components/Icon.tsx';

const SIZE = { grid: 24, px: 24 };

export const LiveIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <circle cx="12" cy="12" r="8.5" />
    <circle cx="12" cy="12" r="3.5" fill="currentColor" stroke="none" />
  </Icon>
);

export const SetupIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M4 7h9M19 7h1M4 17h1M11 17h9" />
    <circle cx="16" cy="7" r="2.5" />
    <circle cx="8" cy="17" r="2.5" />
  </Icon>
);

export const CheckIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M4 6.5l1.5 1.5L8 5.5M4 16.5L5.5 18 8 15.5M12 7h8M12 17h8" />
  </Icon>
);

export const StudyIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <circle cx="9" cy="8.5" r="3" />
    <path d="M3.5 19c.5-3.5 2.5-5 5.5-5s5 1.5 5.5 5M15 6a3 3 0 0 1 0 5.5M17 14.5c2 .5 3.2 2 3.5 4.5" />
  </Icon>
);

export const SessionsIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <rect x="3.5" y="5" width="17" height="14" rx="2" />
    <path d="M10.5 9.5v5l4-2.5z" fill="currentColor" stroke="none" />
  </Icon>
);

export const UploadsIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M12 15V4.5M8 8l4-3.5L16 8M4.5 15v3a1.5 1.5 0 0 0 1.5 1.5h12a1.5 1.5 0 0 0 1.5-1.5v-3" />
  </Icon>
);

export const AutoIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <circle cx="12" cy="12" r="8" />
    <path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor" stroke="none" />
  </Icon>
);

export const HelpIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.8M12 16.5v.1" />
  </Icon>
);

export const LightIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" />
  </Icon>
);

export const DarkIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z" />
  </Icon>
);

export const SimulatedIcon = (): ReactNode => (
  <Icon {...SIZE}>
    <path d="M3.5 18.5h17M5 15V6.5A1.5 1.5 0 0 1 6.5 5h11A1.5 1.5 0 0 1 19 6.5V15z" />
    <path d="M8 12l2.5-3 2 2L16 7.5" />
  </Icon>
);
