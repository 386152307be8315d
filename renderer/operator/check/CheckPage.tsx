/** Check before class: one screen that shows what works, what does not and what to do; and a ten-second test recording. */
import { NumberInput } from '@mantine/core';
import { type ReactNode, use, useEffect, useState } from 'react';
import { counted, t } from '../../components/words.ts';
import { NoKitPage } from '../frame/NoKitPage.tsx';
import type { PageProps } from '../frame/pageProps.ts';
import { usePower } from '../power.ts';
import { SourcePreview } from '../sources/SourcePreview.tsx';
import { RosterContext } from '../study/roster.ts';
import styles from './CheckPage.module.css';
import { type Check, checksOf, WATCH_MS } from './checks.ts';
import { TestRecording } from './TestRecording.tsx';

const LESSON_MINUTES = 45;
const ORDER = { bad: 0, warn: 1, busy: 2, good: 3 } as const;

export function CheckPage({ state, actions }: PageProps): ReactNode {
  const watchedMs = useWatched();
  const power = usePower();
  const { absent } = use(RosterContext);
  const [lessons, setLessons] = useState(2);
  const minutes = lessons * LESSON_MINUTES;
  const checks = checksOf({ state, watchedMs, power, minutes, absent });
  if (!state.kit) return <NoKitPage title={t('page.check')} className={styles.page} />;
  return (
    <main className={styles.page}>
      <header className={styles.head}>
        <h1>{t('check.title')}</h1>
        <NumberInput
          label={t('check.lessons')}
          size="xs"
          min={1}
          max={12}
          value={lessons}
          onChange={(value) => setLessons(Math.min(12, Math.max(1, Number(value) || 1)))}
        />
      </header>
      <Verdict checks={checks} />
      <div className={styles.columns}>
        <ul className={styles.checks} aria-label={t('check.title')}>
          {[...checks]
            .sort((a, b) => ORDER[a.state] - ORDER[b.state])
            .map((check) => (
              <li key={check.id} data-state={check.state} data-check={check.id}>
                <strong>{check.what}</strong>
                <span>{check.says}</span>
                {check.remedy !== '' && <em>{check.remedy}</em>}
              </li>
            ))}
        </ul>
        <div className={styles.side}>
          <TestRecording state={state} actions={actions} />
          <div className={styles.pictures}>
            {state.sources
              .filter(({ kind }) => kind === 'camera' || kind === 'screen')
              .map((source) => (
                <SourcePreview key={source.id} source={source} />
              ))}
          </div>
        </div>
      </div>
    </main>
  );
}

/** Milliseconds since the page was opened, up to what the checks need. */
function useWatched(): number {
  const [ms, setMs] = useState(0);
  useEffect(() => {
    const timer = window.setTimeout(() => setMs(WATCH_MS), WATCH_MS);
    return () => window.clearTimeout(timer);
  }, []);
  return ms;
}

function Verdict({ checks }: { checks: readonly Check[] }): ReactNode {
  const of = (state: Check['state']): number => checks.filter((check) => check.state === state).length;
  const state = of('bad') > 0 ? 'bad' : of('warn') > 0 ? 'warn' : of('busy') > 0 ? 'busy' : 'good';
  const said = {
    bad: counted('check.bad', of('bad')),
    warn: counted('check.warn', of('warn')),
    busy: t('check.busy'),
    good: t('check.allGood'),
  };
  return (
    <p className={styles.verdict} data-state={state} role="status">
      {said[state]}
    </p>
  );
}
