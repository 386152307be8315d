/** A progress bar: the browser's own element, which screen readers announce as well. */
import type { ReactNode } from 'react';
import styles from './ProgressBar.module.css';

/** @param percent 0 to 100 */
export function ProgressBar({ percent, label }: { percent: number; label: string }): ReactNode {
  return <progress className={styles.bar} max={100} value={percent} aria-label={label} />;
}
