/** Shown with every source that has no real device. */
import type { ReactNode } from 'react';
import { t } from '../../components/words.ts';
import styles from './SimulatedBadge.module.css';

export const SimulatedBadge = (): ReactNode => <span className={styles.badge}>{t('source.simulated')}</span>;
