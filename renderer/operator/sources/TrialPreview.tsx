/** The live preview of a device that is not in the kit. */
import type { ReactNode } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { type TrialDevice, trialOf } from '../../../electron/common/trial.ts';
import { errorText, t } from '../../components/words.ts';
import { SourcePreview } from './SourcePreview.tsx';
import styles from './TrialPreview.module.css';

export function TrialPreview({ device, trials }: { device: TrialDevice; trials: readonly SourceHealth[] }): ReactNode {
  const { id } = trialOf(device);
  const health = trials.find((trial) => trial.id === id);
  const trouble = health ? errorText(health.state).message : '';
  return (
    <div className={styles.seen} data-trial={id}>
      {trouble !== '' ? (
        <p>{trouble}</p>
      ) : health && (health.streams.length > 0 || health.kind === 'microphone') ? (
        <SourcePreview source={health} plots={false} />
      ) : (
        <p>{t('trial.opening')}</p>
      )}
    </div>
  );
}
