/** The pages of the window, in the order of the rail. A new page adds one import and one entry. */
import type { ComponentType, ReactNode } from 'react';
import type { WordKey } from '../../components/words.ts';
import { CheckPage } from '../check/CheckPage.tsx';
import { HelpPage } from '../help/HelpPage.tsx';
import { LivePage } from '../live/LivePage.tsx';
import { SessionsPage } from '../sessions/SessionsPage.tsx';
import { SetupPage } from '../setup/SetupPage.tsx';
import { StudyPage } from '../study/StudyPage.tsx';
import { UploadsPage } from '../uploads/UploadsPage.tsx';
import { CheckIcon, HelpIcon, LiveIcon, SessionsIcon, SetupIcon, StudyIcon, UploadsIcon } from './icons.tsx';
import type { PageProps } from './pageProps.ts';

export interface PageEntry {
  /** Appears in the address, and in the text key `page.<id>`. */
  id: string;
  title: WordKey;
  Icon: () => ReactNode;
  Page: ComponentType<PageProps>;
}

export const pages: readonly [PageEntry, ...PageEntry[]] = [
  { id: 'live', title: 'page.live', Icon: LiveIcon, Page: LivePage },
  { id: 'setup', title: 'page.setup', Icon: SetupIcon, Page: SetupPage },
  { id: 'check', title: 'page.check', Icon: CheckIcon, Page: CheckPage },
  { id: 'study', title: 'page.study', Icon: StudyIcon, Page: StudyPage },
  { id: 'sessions', title: 'page.sessions', Icon: SessionsIcon, Page: SessionsPage },
  { id: 'uploads', title: 'page.uploads', Icon: UploadsIcon, Page: UploadsPage },
  { id: 'help', title: 'page.help', Icon: HelpIcon, Page: HelpPage },
];
