/** Notices that are not alarms. */

import type { ReactNode } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import { ErrorText } from '../../components/ErrorText.tsx';
import { t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import { AfterCrashChoice } from './AfterCrashChoice.tsx';
import styles from './NoticeList.module.css';

interface NoticeListProps {
  notices: ApplianceState['notices'];
  afterCrash: ApplianceState['afterCrash'];
  actions: Actions;
}

export function NoticeList({ notices, afterCrash, actions }: NoticeListProps): ReactNode {
  const calm = notices.filter((notice) => notice.level !== 'error');
  return (
    <div role="status">
      {calm.length > 0 && (
        <ul className={styles.list} aria-label={t('notices.title')}>
          {calm.map((notice) => (
            <li key={`${notice.code} ${notice.message}`} data-level={notice.level}>
              <ErrorText error={notice} />
              {notice.code === 'session.resumed' && afterCrash && (
                <AfterCrashChoice afterCrash={afterCrash} actions={actions} />
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
