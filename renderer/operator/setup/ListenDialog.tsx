/** Detects an unknown device on a serial port: listens to it, and offers each driver that understands it. */
import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { Heard, Reading } from '../../../electron/common/heard.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { valueText } from '../../components/format.ts';
import { decimal, t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import styles from './ListenDialog.module.css';
import { driverTitle, useDrivers } from './useDrivers.ts';

export interface PickedDriver {
  driver: string;
  settings: Record<string, unknown>;
}

interface ListenDialogProps {
  path: string;
  actions: Actions;
  onPick: (picked: PickedDriver) => void;
  onClose: () => void;
}

export function ListenDialog({ path, actions, onPick, onClose }: ListenDialogProps): ReactNode {
  const { call } = actions;
  const drivers = useDrivers(actions);
  /** Null: still listening; undefined: the port could not be opened, and the error is shown. */
  const [heard, setHeard] = useState<Heard | null | undefined>(null);
  const [turn, setTurn] = useState(1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn listens anew
  useEffect(() => {
    let gone = false;
    setHeard(null);
    void call('devices.listen', { path }).then((answer) => {
      if (!gone) setHeard(answer ?? undefined);
    });
    return () => {
      gone = true;
    };
  }, [call, path, turn]);
  return (
    <Dialog title={t('listen.title')} closeName={t('listen.close')} onClose={onClose} size="lg">
      <p role="status" className={styles.now}>
        {statusText(heard, path)}
      </p>
      {heard && heard.readings.length > 0 && (
        <ol className={styles.readings}>
          {heard.readings.map((reading, i) => (
            <li key={reading.driver} data-driver={reading.driver}>
              <div>
                <strong>{driverTitle(drivers, reading.driver)}</strong>
                {reading.streams.map((stream) => (
                  <p key={stream.label}>{streamText(stream)}</p>
                ))}
                <LinesTable reading={reading} />
              </div>
              <Button
                variant={i === 0 ? 'filled' : 'default'}
                aria-label={t('listen.use.name', { name: driverTitle(drivers, reading.driver) })}
                onClick={() => onPick({ driver: reading.driver, settings: reading.settings })}
              >
                {t('listen.use')}
              </Button>
            </li>
          ))}
        </ol>
      )}
      {heard && heard.text !== '' && (
        <details className={styles.text} open={heard.readings.length === 0}>
          <summary>{t('listen.text', { rate: String(heard.baudRate) })}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached by keyboard */}
          <pre tabIndex={0}>{heard.text}</pre>
        </details>
      )}
      <div className={styles.again}>
        {/* Not `disabled`, which would take the focus from who pressed it. */}
        <Button
          variant="default"
          data-disabled={heard === null}
          aria-disabled={heard === null}
          onClick={() => heard !== null && setTurn(turn + 1)}
        >
          {t('listen.again')}
        </Button>
      </div>
    </Dialog>
  );
}

/** Each line as received, with the values read from it. */
function LinesTable({ reading: { rows, streams } }: { reading: Reading }): ReactNode {
  const [main] = streams;
  if (!main || rows.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which the keyboard must be able to do
    <section className={styles.lines} tabIndex={0} aria-label={t('listen.line')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('listen.line')}</th>
            {main.channels.map(({ name, unit }) => (
              <th key={name} scope="col">
                {unit === '' ? name : `${name} (${unit})`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ line, values }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines may be the same, and keep their order
            <tr key={i}>
              <td>
                <code>{line}</code>
              </td>
              {main.channels.map(({ name }, column) => (
                <td key={name}>{values.length === 0 ? '' : cellText(values[column] ?? null)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const cellText = (value: number | string | boolean | null): string => {
  if (value === null) return '–';
  return typeof value === 'boolean' ? String(value) : valueText(value);
};

function statusText(heard: Heard | null | undefined, path: string): string {
  if (heard === null) return t('listen.now', { path });
  if (heard === undefined) return t('listen.failed', { path });
  if (heard.readings.length > 0) return t('listen.found');
  return t(heard.bytes === 0 ? 'listen.silent' : 'listen.unknown', { path });
}

function streamText({ label, rateHz, channels }: Reading['streams'][number]): string {
  const values = channels.map(({ name, unit, last }) => {
    return `${name} ${cellText(last)}${unit === '' ? '' : ` ${unit}`}`;
  });
  const rate = t('listen.rate', { rate: decimal(rateHz) });
  return `${label === '' ? '' : `${label}: `}${values.join(', ')}; ${rate}`;
}
