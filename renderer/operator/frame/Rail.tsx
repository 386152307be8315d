/** The pages, the recording indicator that is visible on every page, and the choice of dark or light. */
import { useMantineColorScheme } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import { clockText } from '../../components/format.ts';
import { counted, t, type WordKey } from '../../components/words.ts';
import { useElapsed } from '../useElapsed.ts';
import { AutoIcon, DarkIcon, LightIcon } from './icons.tsx';
import { type PageEntry, pages } from './pages.ts';
import styles from './Rail.module.css';
import { addressOf } from './route.ts';

export function Rail({ shown, state }: { shown: PageEntry; state: ApplianceState }): ReactNode {
  return (
    <nav className={styles.rail} aria-label={t('rail.title')}>
      <ul>
        {pages.map(({ id, title, Icon }) => (
          <li key={id}>
            <a href={addressOf(id)} className={styles.item} aria-current={id === shown.id ? 'page' : undefined}>
              <Icon />
              {t(title)}
              {id === 'uploads' && <Needs needs={state.uploads} />}
            </a>
          </li>
        ))}
      </ul>
      <Running session={state.session} />
      <SchemeSwitch />
    </nav>
  );
}

/** The number of uploads that need attention is visible on every page. */
function Needs({ needs }: { needs: ApplianceState['uploads'] }): ReactNode {
  const count = needs.failed + needs.keys;
  return count === 0 ? null : <span className={styles.needs}>{counted('rail.uploads.needs', count)}</span>;
}

/** A recording is visible on every page. */
function Running({ session }: { session: ApplianceState['session'] }): ReactNode {
  const elapsed = useElapsed(session);
  if (session?.state !== 'recording' && session?.state !== 'paused') return null;
  const word = t(session.state === 'paused' ? 'record.paused' : 'record.running');
  return (
    <p className={styles.running} data-state={session.state} title={word}>
      <span className={styles.dot} role="img" aria-label={word} />
      {clockText(elapsed)}
    </p>
  );
}

const SCHEMES = ['auto', 'light', 'dark'] as const;
type Scheme = (typeof SCHEMES)[number];
const SCHEME_ICON = { auto: AutoIcon, light: LightIcon, dark: DarkIcon };
const SCHEME_WORD: Readonly<Record<Scheme, WordKey>> = {
  auto: 'scheme.auto',
  light: 'scheme.light',
  dark: 'scheme.dark',
};

function SchemeSwitch(): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = SCHEMES[(SCHEMES.indexOf(colorScheme) + 1) % SCHEMES.length] ?? 'auto';
  const Icon = SCHEME_ICON[colorScheme];
  const word = t(SCHEME_WORD[colorScheme]);
  return (
    <button
      type="button"
      className={styles.item}
      onClick={() => setColorScheme(next)}
      aria-label={t('scheme.switch', { now: word, next: t(SCHEME_WORD[next]) })}
    >
      <Icon />
      {word}
    </button>
  );
}
