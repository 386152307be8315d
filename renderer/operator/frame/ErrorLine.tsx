/** The last error, and the next step. */

import { CloseButton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ErrorReport } from '../../../electron/common/errors.ts';
import { ErrorText } from '../../components/ErrorText.tsx';
import { t } from '../../components/words.ts';
import styles from './ErrorLine.module.css';

export function ErrorLine({ trouble, onClose }: { trouble: ErrorReport | null; onClose: () => void }): ReactNode {
  return (
    <div role="alert">
      {trouble && (
        <div className={styles.line}>
          <p>
            <ErrorText error={trouble} />
          </p>
          <CloseButton aria-label={t('trouble.close')} onClick={onClose} />
        </div>
      )}
    </div>
  );
}
