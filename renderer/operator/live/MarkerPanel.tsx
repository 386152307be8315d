/** Markers by the keys 1 to 9, at the moment the key goes down; a free note by N, at the moment it is begun. */
import { TextInput } from '@mantine/core';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import { codeOf, MARKER_KEYS, type Study } from '../../../electron/common/study.ts';
import { toSeconds } from '../../../electron/common/units.ts';
import { clockText } from '../../components/format.ts';
import { t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import { useStore } from '../useStore.ts';
import styles from './MarkerPanel.module.css';

const SHOWN = 3;
const NOTE_KEY = 'n';

interface MarkerPanelProps {
  state: ApplianceState;
  study: Study | null;
  actions: Actions;
  enabled: boolean;
}

export function MarkerPanel({ state, study, actions, enabled }: MarkerPanelProps): ReactNode {
  const [set, setSet] = useState<readonly { text: string; atNs: string }[]>([]);
  const field = useRef<HTMLInputElement>(null);
  const session = state.session?.id;
  const { call } = actions;
  const mark = async (code: string, note = '', atNs?: string): Promise<boolean> => {
    const marked = await call('marker.add', { code, note, ...(atNs === undefined ? {} : { atNs }) });
    if (marked) setSet((before) => [{ text: note || code, atNs: marked.atNs }, ...before].slice(0, SHOWN));
    return marked !== null;
  };
  useEffect(() => {
    if (!enabled || session === undefined) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
      const key = MARKER_KEYS.find((candidate) => candidate === event.key);
      if (key) void mark(study ? codeOf(study, key) : key);
      if (event.key.toLowerCase() === NOTE_KEY) {
        event.preventDefault();
        field.current?.focus();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
  return (
    <section aria-label={t('markers.title')} className={styles.panel}>
      <h2>{t('markers.title')}</h2>
      <p className={styles.hint}>{t('markers.hint')}</p>
      <div className={styles.keys} data-named={study?.codes.some((code) => code !== '') || undefined}>
        {MARKER_KEYS.map((key) => {
          const code = study ? codeOf(study, key) : key;
          return (
            <button
              key={key}
              type="button"
              aria-label={code === key ? t('markers.set', { code }) : undefined}
              title={code}
              onClick={() => void mark(code)}
            >
              <kbd>{key}</kbd>
              {code !== key && <span>{code}</span>}
            </button>
          );
        })}
      </div>
      <Note field={field} onNote={(note, atNs) => mark('note', note, atNs)} />
      <div role="status">
        <ol className={styles.list}>
          {set.map(({ text, atNs }) => (
            <li key={atNs}>{t('markers.at', { code: text, time: clockText(toSeconds(BigInt(atNs))) })}</li>
          ))}
        </ol>
      </div>
    </section>
  );
}

/** What is noted belongs to the moment at which a person began to write. */
function Note({
  field,
  onNote,
}: {
  field: RefObject<HTMLInputElement | null>;
  onNote: (note: string, atNs: string | undefined) => Promise<boolean>;
}): ReactNode {
  const store = useStore();
  const [text, setText] = useState('');
  const [begun, setBegun] = useState<string | undefined>(undefined);
  const nowNs = (): string | undefined => {
    const session = store.state?.session;
    if (!session) return undefined;
    return String(BigInt(session.elapsedNs) + BigInt(Math.round((performance.now() - store.stateAtMs) * 1e6)));
  };
  const leave = (): void => {
    setText('');
    setBegun(undefined);
    field.current?.blur();
  };
  return (
    <TextInput
      ref={field}
      size="xs"
      value={text}
      aria-label={t('markers.note')}
      placeholder={t('markers.note.hint')}
      maxLength={2000}
      onFocus={() => setBegun(nowNs())}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') leave();
        if (event.key === 'Enter' && text.trim() !== '')
          void onNote(text.trim(), begun).then((done) => done && leave());
      }}
    />
  );
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
