/** Name of the kit, its costs, undo, and the other kits. */
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import { formatBytes } from '../../../electron/common/units.ts';
import { minutesText } from '../../components/format.ts';
import { decimal, number, t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import { costOfKit } from './costs.ts';
import { TextField } from './Field.tsx';
import styles from './KitBar.module.css';
import { KitStorePanel } from './KitStorePanel.tsx';
import type { KitEdit } from './useKit.ts';

interface KitBarProps {
  state: ApplianceState;
  edit: KitEdit;
  actions: Actions;
  locked: boolean;
}

export function KitBar({ state, edit, actions, locked }: KitBarProps): ReactNode {
  const [kitStore, setShelf] = useState(false);
  const { kit, undo } = edit;
  return (
    <header className={styles.bar}>
      <h1>{t('page.setup')}</h1>
      {kit && (
        <fieldset className={styles.names} disabled={locked}>
          <TextField
            label={t('setup.kit.name')}
            value={kit.name}
            pattern={/\S/}
            wrong={t('setup.kit.name.wrong')}
            onSave={(name) => void edit.edit({ op: 'rename', name })}
          />
        </fieldset>
      )}
      {kit && <KitCost kit={kit} minutesLeft={state.disk.minutesLeft} />}
      <div className={styles.doing}>
        {kit && (
          <Button variant="default" disabled={!undo || locked} onClick={undo}>
            {t('setup.undo')}
          </Button>
        )}
        <Button variant="default" onClick={() => setShelf(true)} disabled={locked}>
          {t('setup.kits')}
        </Button>
      </div>
      {kitStore && <KitStorePanel onClose={() => setShelf(false)} edit={edit} actions={actions} />}
    </header>
  );
}

/** @param props.minutesLeft the recorder's own estimate, shown on every page; null: not known */
function KitCost({ kit, minutesLeft }: { kit: NonNullable<KitEdit['kit']>; minutesLeft: number | null }): ReactNode {
  const { bytesPerSecond, cores } = costOfKit(kit);
  const there = navigator.hardwareConcurrency;
  const tooMuch = cores > there * 0.8;
  return (
    <dl className={styles.cost}>
      <div>
        <dt>{t('setup.cost.disk')}</dt>
        <dd>
          {t('setup.cost.hour', { size: formatBytes(bytesPerSecond * 3600) })}
          {minutesLeft !== null && <span>{t('setup.cost.room', { time: minutesText(minutesLeft) })}</span>}
        </dd>
      </div>
      <div data-bad={tooMuch || undefined}>
        <dt>{t('setup.cost.cpu')}</dt>
        <dd>
          {t('setup.cost.cores', { cores: decimal(cores), there: number(there) })}
          {tooMuch && <span>{t('setup.cost.tooMuch')}</span>}
        </dd>
      </div>
    </dl>
  );
}
