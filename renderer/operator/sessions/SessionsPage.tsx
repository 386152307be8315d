/** Recorded sessions: the list, or one session in the player. */
import type { ReactNode } from 'react';
import type { PageProps } from '../frame/pageProps.ts';
import { ReviewPage } from '../review/ReviewPage.tsx';
import { SessionList } from './SessionList.tsx';

export function SessionsPage({ rest }: PageProps): ReactNode {
  const [key] = rest;
  return key === undefined ? <SessionList /> : <ReviewPage key={key} sessionKey={key} />;
}
