/** What is plugged in and not used yet: one press takes it in. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FoundDevice } from '../../../electron/common/found.ts';
import { t, type WordKey } from '../../components/words.ts';
import styles from './FoundList.module.css';

const KIND: Readonly<Record<FoundDevice['kind'], WordKey>> = {
  camera: 'kind.camera',
  microphone: 'kind.microphone',
  screen: 'kind.screen',
  serial: 'kind.serial',
  hid: 'kind.hid',
};

export function FoundList({
  found,
  empty,
  onAdd,
}: {
  found: readonly FoundDevice[];
  empty: boolean;
  onAdd: (device: FoundDevice) => void;
}): ReactNode {
  return (
    <section className={styles.found} aria-label={t('setup.found')}>
      <h2>{t('setup.found')}</h2>
      <div role="status">
        {empty && <p>{t('setup.found.none')}</p>}
        {!empty && found.length === 0 && <p>{t('setup.found.allUsed')}</p>}
      </div>
      {found.length > 0 && (
        <ul>
          {found.map((device) => (
            <li key={`${device.kind} ${device.key}`}>
              <span className={styles.kind}>{t(KIND[device.kind])}</span>
              <span className={styles.label}>{device.label}</span>
              <Button
                size="compact-sm"
                variant="light"
                onClick={() => onAdd(device)}
                aria-label={t('setup.add.name', { name: device.label })}
              >
                {t('setup.add')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
