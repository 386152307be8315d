/** The alarm, readable from three metres: what is wrong, and what to do. */
import type { ReactNode } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import type { ErrorReport } from '../../../electron/common/errors.ts';
import { counted } from '../../components/words.ts';
import { alarmsOf } from '../alarms.ts';
import type { Connection } from '../doorStore.ts';
import styles from './AlarmBanner.module.css';

const SHOWN = 2;

export function AlarmBanner(props: {
  state: ApplianceState | null;
  connection: Connection;
  problems: readonly ErrorReport[];
}): ReactNode {
  const alarms = alarmsOf(props.state, props.connection, props.problems);
  const more = alarms.length - SHOWN;
  return (
    <div role="alert" className={alarms.length > 0 ? styles.banner : undefined}>
      {alarms.slice(0, SHOWN).map((alarm) => (
        <p key={alarm.key}>
          <strong>{alarm.text}</strong> {alarm.nextStep}
        </p>
      ))}
      {more > 0 && <p className={styles.more}>{counted('alarm.more', more)}</p>}
    </div>
  );
}
