/** Identical devices: a person chooses which one this source means, and the answer is saved in the kit. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { canBeTried, type TrialDevice } from '../../../electron/common/trial.ts';
import { t } from '../../components/words.ts';
import { nameOf } from '../alarms.ts';
import { addressOf } from '../frame/route.ts';
import type { Actions } from '../useActions.ts';
import styles from './Candidates.module.css';
import { TrialPreview } from './TrialPreview.tsx';

interface CandidatesProps {
  source: SourceHealth;
  actions: Actions;
  /** Previews of them on the page; null: only their names are shown. */
  trials: readonly SourceHealth[] | null;
}

/** The devices to choose from, in a form that can be previewed. */
export const candidatesOf = ({ kind, driver, state }: SourceHealth): TrialDevice[] =>
  state.candidates.map(({ label, match }) => ({
    kind,
    label,
    match,
    driver: ['camera', 'microphone', 'screen'].includes(kind) ? undefined : driver,
  }));

export function Candidates({ source, actions, trials }: CandidatesProps): ReactNode {
  const candidates = candidatesOf(source);
  if (candidates.length === 0) return null;
  const name = nameOf(source);
  return (
    <section className={styles.choice} aria-label={t('candidates.which', { name })}>
      <h3>{t('candidates.which', { name })}</h3>
      <ul>
        {candidates.map((device) => (
          <li key={JSON.stringify(device.match)}>
            {trials && canBeTried(device) && <TrialPreview device={device} trials={trials} />}
            <Button
              variant="light"
              size="compact-sm"
              fullWidth
              title={device.label}
              onClick={() =>
                void actions.call('source.choose', { source: source.id, match: device.match as Record<string, string> })
              }
            >
              {device.label}
            </Button>
          </li>
        ))}
      </ul>
      {!trials && <a href={addressOf('setup')}>{t('candidates.see')}</a>}
    </section>
  );
}
