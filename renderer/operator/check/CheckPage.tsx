/** Before class: one screen, all green or what is not and what to do; and ten seconds recorded, verified and shown. */
import { NumberInput } from '@mantine/core';
import { type ReactNode, use, useState } from 'react';
import { counted, t } from '../../components/words.ts';
import { NoKitPage } from '../frame/NoKitPage.tsx';
import type { PageProps } from '../frame/pageProps.ts';
import { usePower } from '../power.ts';
import { useKit } from '../setup/useKit.ts';
import { SourcePreview } from '../sources/SourcePreview.tsx';
import { RosterContext } from '../study/roster.ts';
import styles from './CheckPage.module.css';
import { type Check, checksOf } from './checks.ts';
import { TestRecording } from './TestRecording.tsx';
import { useSenses } from './useSenses.ts';

const LESSON_MINUTES = 45;
const ORDER = { bad: 0, warn: 1, busy: 2, good: 3 } as const;

export function CheckPage({ state, actions }: PageProps): ReactNode {
  const { kit } = useKit(state, actions);
  const senses = useSenses(state.sources);
  const power = usePower();
  const { absent } = use(RosterContext);
  const [lessons, setLessons] = useState(2);
  const minutes = lessons * LESSON_MINUTES;
  const checks = checksOf({ state, kit, senses, power, minutes, cores: navigator.hardwareConcurrency, absent });
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

function Verdict({ checks }: { checks: readonly Check[] }): ReactNode {
  const of = (state: Check['state']): number => checks.filter((check) => check.state === state).length;
  const state = of('bad') > 0 ? 'bad' : of('warn') > 0 ? 'warn' : of('busy') > 0 ? 'busy' : 'good';
  const said = {
    bad: counted('check.bad.one', 'check.bad.many', of('bad')),
    warn: counted('check.warn.one', 'check.warn.many', of('warn')),
    busy: t('check.busy'),
    good: t('check.allGood'),
  };
  return (
    <p className={styles.verdict} data-state={state} role="status">
      {said[state]}
    </p>
  );
}
