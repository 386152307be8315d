/** Beside the record button: the study of the session and its details, before and during recording. */
import type { ReactNode } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import type { Study } from '../../../electron/common/study.ts';
import { t } from '../../components/words.ts';
import { addressOf } from '../frame/route.ts';
import { type Details, DetailsFields } from './DetailsFields.tsx';
import styles from './SessionPanel.module.css';

interface SessionPanelProps {
  state: ApplianceState;
  study: Study | null;
  details: Details;
  onSave: (details: Details) => void;
}

export function SessionPanel({ state, study, details, onSave }: SessionPanelProps): ReactNode {
  const id = state.session?.study ?? state.kit?.study ?? '';
  return (
    <section className={styles.panel} aria-label={t('details.title')}>
      <p className={styles.study}>
        {t('details.study')} <a href={addressOf('study')}>{study?.name || id}</a>
      </p>
      <DetailsFields details={details} study={study} onSave={onSave} />
    </section>
  );
}
