/** Adds a sensor that no system lists: a network address, a Bluetooth strap, a port by name, or an emulator. */
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Kit } from '../../../electron/common/kit.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { t, type WordKey } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import { ChoiceField, TextField } from './Field.tsx';
import { freeId } from './kitEdits.ts';
import styles from './SensorByHand.module.css';
import { driverChoices, driverTitle, useDrivers } from './useDrivers.ts';

const KINDS = ['serial', 'tcp', 'udp', 'mqtt', 'ble'] as const;
type Kind = (typeof KINDS)[number];
const EXAMPLE: Readonly<Record<Kind, string>> = {
  serial: '/dev/ttyACM0, COM3, emulator:lines',
  tcp: 'tcp://192.168.1.20:4001',
  udp: 'udp://0.0.0.0:9001',
  mqtt: 'mqtt://192.168.1.20:1883',
  ble: '',
};

export function SensorByHand({
  kit,
  actions,
  onClose,
  onAdd,
}: {
  kit: Kit | null;
  actions: Actions;
  onClose: () => void;
  onAdd: (source: unknown) => void;
}): ReactNode {
  const [kind, setKind] = useState<Kind>('serial');
  const [driver, setDriver] = useState('lines');
  const [path, setPath] = useState('');
  const drivers = useDrivers(actions);
  const choices = driverChoices(drivers, kind, '');
  const chooseKind = (next: string): void => {
    setKind(next as Kind);
    setDriver(driverChoices(drivers, next, '')[0]?.value ?? '');
  };
  const add = (): void => {
    const stem = kind === 'serial' ? 'sensor' : kind;
    const id = freeId(kit ?? ({ sources: [] } as unknown as Kit), stem);
    onAdd({
      id,
      kind,
      driver,
      label: driverTitle(drivers, driver),
      match: path.trim() === '' ? {} : { path: path.trim() },
    });
    setPath('');
  };
  return (
    <Dialog onClose={onClose} title={t('setup.byHand.title')} closeName={t('kits.close')}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <ChoiceField
          label={t('setup.byHand.kind')}
          value={kind}
          choices={KINDS.map((value) => ({ value, label: t(`wire.${value}` as WordKey) }))}
          onSave={chooseKind}
        />
        <ChoiceField label={t('setup.driver')} value={driver} choices={choices} onSave={setDriver} />
        {kind !== 'ble' && (
          <TextField label={t('setup.byHand.path')} value={path} placeholder={EXAMPLE[kind]} onSave={setPath} />
        )}
        <Button type="submit">{t('setup.add')}</Button>
      </form>
    </Dialog>
  );
}
