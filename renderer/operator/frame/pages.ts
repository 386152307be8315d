/** The pages of the window, in the order of the rail. A new page adds one import and one entry. */
import type { ComponentType, ReactNode } from 'react';
import type { ApplianceState } from '../../../electron/common/door.ts';
import type { WordKey } from '../../components/words.ts';
import { LivePage } from '../live/LivePage.tsx';
import type { Actions } from '../useActions.ts';
import { LiveIcon } from './icons.tsx';

/** What every page is given. */
export interface PageProps {
  state: ApplianceState;
  actions: Actions;
  /** The recorder is there: only then can it be asked for something. */
  heard: boolean;
  /** What comes after the page in the address. */
  rest: readonly string[];
}

export interface PageEntry {
  /** Stands in the address, and is the word `page.<id>`. */
  id: string;
  title: WordKey;
  Icon: () => ReactNode;
  Page: ComponentType<PageProps>;
}

export const pages: readonly [PageEntry, ...PageEntry[]] = [
  { id: 'live', title: 'page.live', Icon: LiveIcon, Page: LivePage },
];
