/** Devices that are plugged in but not used yet: each shows a live preview, and one click adds it. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import type { FoundDevice } from '../../../electron/common/found.ts';
import { t, type WordKey } from '../../components/words.ts';
import { TrialPreview } from '../sources/TrialPreview.tsx';
import styles from './FoundList.module.css';
import { LAST_RESORT_DRIVER } from './kitEdits.ts';

const KIND: Readonly<Record<FoundDevice['kind'], WordKey>> = {
  camera: 'kind.camera',
  microphone: 'kind.microphone',
  screen: 'kind.screen',
  serial: 'kind.serial',
  hid: 'kind.hid',
};

/** A sensor is previewed with the driver that it would be added with. */
export const driverOf = ({ kind, drivers }: FoundDevice): string | undefined =>
  kind === 'serial' || kind === 'hid' ? (drivers[0] ?? LAST_RESORT_DRIVER) : undefined;

/** One plugged-in device, for as long as it is connected. */
export const foundKey = ({ kind, key }: FoundDevice): string => `${kind} ${key}`;

interface FoundListProps {
  found: readonly FoundDevice[];
  /** Devices that were plugged in while the window was open, by `foundKey`. */
  fresh: ReadonlySet<string>;
  /** Null: none may be opened now. */
  trials: readonly SourceHealth[] | null;
  /** Nothing is plugged in. */
  empty: boolean;
  onAdd: (device: FoundDevice) => void;
}

export function FoundList({ found, fresh, trials, empty, onAdd }: FoundListProps): ReactNode {
  const news = found.filter((device) => fresh.has(foundKey(device)));
  return (
    <section className={styles.found} aria-label={t('setup.found')}>
      <h2>{t('setup.found')}</h2>
      <div role="status">
        {empty && <p>{t('setup.found.none')}</p>}
        {!empty && found.length === 0 && <p>{t('setup.found.allUsed')}</p>}
        {news.length > 0 && <p>{t('setup.found.new', { names: news.map(({ label }) => label).join(', ') })}</p>}
      </div>
      {found.length > 0 && (
        <ul>
          {found.map((device) => (
            <li key={foundKey(device)} data-new={fresh.has(foundKey(device)) || undefined}>
              {trials && <TrialPreview device={{ ...device, driver: driverOf(device) }} trials={trials} />}
              <div className={styles.what}>
                <span className={styles.kind}>{t(KIND[device.kind])}</span>
                <span className={styles.label} title={device.label}>
                  {device.label}
                </span>
                <Button
                  size="compact-sm"
                  variant="light"
                  onClick={() => onAdd(device)}
                  aria-label={t('setup.add.name', { name: device.label })}
                >
                  {t('setup.add')}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
