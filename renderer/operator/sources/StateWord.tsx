/** One word for a source's state; shape as well as colour distinguishes good from bad. */
import type { ReactNode } from 'react';
import { t } from '../../components/words.ts';
import type { SourceStatus } from '../sourceStatus.ts';
import styles from './StateWord.module.css';

export const StateWord = ({ mood, word }: SourceStatus): ReactNode => (
  <span className={styles.state} data-mood={mood}>
    {t(word)}
  </span>
);
