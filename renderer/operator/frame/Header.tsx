/** The kit, the data folder, and how long the disk lasts. */
import type { ReactNode } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import { formatBytes } from '../../../electron/common/units.ts';
import { minutesText } from '../../components/format.ts';
import { t } from '../../components/words.ts';
import styles from './Header.module.css';

const LOW_MINUTES = 45;

export function Header({ state }: { state: ApplianceState }): ReactNode {
  const { kit, dataFolder, disk } = state;
  const low = disk.minutesLeft !== null && disk.minutesLeft < LOW_MINUTES;
  return (
    <header className={styles.header}>
      <span className={styles.product}>Fieldroom</span>
      <span className={styles.fact}>
        <span className={styles.label}>{t('header.kit')}</span>
        <span className={styles.value}>{kit?.name ?? t('header.noKit')}</span>
      </span>
      <span className={styles.fact}>
        <span className={styles.label}>{t('header.folder')}</span>
        <span className={styles.value} title={dataFolder}>
          {dataFolder}
        </span>
      </span>
      <span className={styles.fact} data-low={low || undefined}>
        <span className={styles.label}>{t('header.disk')}</span>
        <span className={styles.value}>{diskText(disk)}</span>
      </span>
    </header>
  );
}

/** Minutes left while recording, otherwise free space. */
function diskText({ freeBytes, minutesLeft }: ApplianceState['disk']): string {
  if (minutesLeft !== null) return t('disk.left', { time: minutesText(minutesLeft) });
  return freeBytes === null ? t('disk.unknown') : t('disk.free', { size: formatBytes(freeBytes) });
}
