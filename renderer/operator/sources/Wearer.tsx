/** The wearer or user of a source: one click shows the candidates, a second one chooses. Stored with its time range. */
import { Menu } from '@mantine/core';
import { type ReactNode, use } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { t } from '../../components/words.ts';
import { nameOf } from '../alarms.ts';
import { RosterContext } from '../study/roster.ts';
import type { Actions } from '../useActions.ts';
import styles from './Wearer.module.css';

export function Wearer({ source, actions }: { source: SourceHealth; actions: Actions }): ReactNode {
  const { present } = use(RosterContext);
  const name = nameOf(source);
  const give = (participant: string | null): void =>
    void actions.call('assignment.set', { source: source.id, participant });
  if (present.length === 0 && source.participant === null) return null;
  return (
    <Menu position="bottom-start" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button
          type="button"
          className={styles.wearer}
          aria-label={t('wearer.change', { name, now: source.participant ?? t('wearer.nobody') })}
        >
          {source.participant ?? t('wearer.nobody')}
        </button>
      </Menu.Target>
      <Menu.Dropdown className={styles.choices ?? ''}>
        {present
          .filter((participant) => participant !== source.participant)
          .map((participant) => (
            <Menu.Item key={participant} onClick={() => give(participant)}>
              {participant}
            </Menu.Item>
          ))}
        {source.participant !== null && <Menu.Item onClick={() => give(null)}>{t('wearer.nobody')}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
