/** Markers by the keys 1 to 9, at the moment the key goes down. */
import { type ReactNode, useEffect, useState } from 'react';
import type { ApplianceState } from '../../../electron/common/door.ts';
import { toSeconds } from '../../../electron/common/units.ts';
import { clockText } from '../../components/format.ts';
import { t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import styles from './MarkerPanel.module.css';

const CODES = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
const SHOWN = 3;

export function MarkerPanel({
  state,
  actions,
  enabled,
}: {
  state: ApplianceState;
  actions: Actions;
  enabled: boolean;
}): ReactNode {
  const [set, setSet] = useState<readonly { code: string; atNs: string }[]>([]);
  const session = state.session?.id;
  const { call } = actions;
  const mark = async (code: string): Promise<void> => {
    const marked = await call('marker.add', { code });
    if (marked) setSet((before) => [{ code, atNs: marked.atNs }, ...before].slice(0, SHOWN));
  };
  useEffect(() => {
    if (!enabled || session === undefined) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
      const code = CODES.find((candidate) => candidate === event.key);
      if (code) void mark(code);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
  return (
    <section aria-label={t('markers.title')} className={styles.panel}>
      <h2>{t('markers.title')}</h2>
      <p className={styles.hint}>{t('markers.hint')}</p>
      <div className={styles.keys}>
        {CODES.map((code) => (
          <button key={code} type="button" aria-label={t('markers.set', { code })} onClick={() => void mark(code)}>
            {code}
          </button>
        ))}
      </div>
      <ol className={styles.list} role="status">
        {set.map(({ code, atNs }) => (
          <li key={atNs}>{t('markers.at', { code, time: clockText(toSeconds(BigInt(atNs))) })}</li>
        ))}
      </ol>
    </section>
  );
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
