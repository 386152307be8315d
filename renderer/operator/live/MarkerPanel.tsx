/**
 * The study's codebook on keys 1 to 9, with the time at which the key goes down: points, and intervals that a second
 * press ends. N starts a free note, with the time at which typing begins. Markers are listed and can be removed.
 */
import { TextInput } from '@mantine/core';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import {
  codeOf,
  INTERVAL_NOTES,
  intervalsOf,
  MARKER_KEYS,
  nextNote,
  type Study,
} from '../../../electron/common/study.ts';
import { toSeconds } from '../../../electron/common/units.ts';
import { clockText } from '../../components/format.ts';
import { t } from '../../components/words.ts';
import { codeNumber } from '../codeNumber.ts';
import type { Actions } from '../useActions.ts';
import { useStore } from '../useStore.ts';
import styles from './MarkerPanel.module.css';

const SHOWN = 6;
const NOTE_KEY = 'n';

interface MarkerPanelProps {
  state: ApplianceState;
  study: Study | null;
  actions: Actions;
  enabled: boolean;
}

interface SetMarker {
  code: string;
  note: string;
  atNs: string;
}

export function MarkerPanel({ state, study, actions, enabled }: MarkerPanelProps): ReactNode {
  const { set, mark, undo } = useMarkers(state, actions);
  const field = useRef<HTMLInputElement>(null);
  const press = (key: string): void => {
    const note = study ? nextNote(study, key, [...set].reverse(), Number.POSITIVE_INFINITY) : '';
    void mark(study ? codeOf(study, key) : key, note);
  };
  useEffect(() => {
    if (!enabled || !state.session) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
      const key = MARKER_KEYS.find((candidate) => candidate === event.key);
      if (key) press(key);
      if (event.key.toLowerCase() === NOTE_KEY) {
        event.preventDefault();
        field.current?.focus();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
  const open = new Set(
    intervalsOf([...set].reverse())
      .filter(({ end }) => end === null)
      .map(({ code }) => code),
  );
  return (
    <section aria-label={t('markers.title')} className={styles.panel}>
      <h2>{t('markers.title')}</h2>
      <p className={styles.hint}>{t('markers.hint')}</p>
      <div className={styles.keys} data-named={study?.codes.some((code) => code !== '') || undefined}>
        {MARKER_KEYS.map((key, i) => {
          const code = study ? codeOf(study, key) : key;
          return (
            <button
              key={key}
              type="button"
              data-code={i + 1}
              aria-label={code === key ? t('markers.set', { code }) : undefined}
              aria-pressed={study?.codeKinds[i] === 'interval' ? open.has(code) : undefined}
              title={code}
              onClick={() => press(key)}
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
          {set.slice(0, SHOWN).map((marker) => (
            <li key={`${marker.atNs}${marker.code}`} data-code={codeNumber(study, marker.code) ?? undefined}>
              <span>{markerText(marker)}</span>
              <button
                type="button"
                className={styles.undo}
                aria-label={t('markers.undo.of', { code: marker.note || marker.code, time: timeOf(marker) })}
                onClick={() => void undo(marker)}
              >
                {t('markers.undo')}
              </button>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}

const timeOf = ({ atNs }: SetMarker): string => clockText(toSeconds(BigInt(atNs)));

function markerText(marker: SetMarker): string {
  const words = { code: marker.code, time: timeOf(marker) };
  if (marker.note === INTERVAL_NOTES.start) return t('markers.started', words);
  if (marker.note === INTERVAL_NOTES.end) return t('markers.ended', words);
  return t('markers.at', { ...words, code: marker.note || marker.code });
}

interface Markers {
  /** Markers of this session, newest first. */
  set: readonly SetMarker[];
  /** @returns whether it was set */
  mark: (code: string, note?: string, atNs?: string) => Promise<boolean>;
  undo: (marker: SetMarker) => Promise<void>;
}

function useMarkers({ session }: ApplianceState, { call }: Actions): Markers {
  const [set, setSet] = useState<readonly SetMarker[]>([]);
  const key = session?.key;
  // A reopened window shows the markers set before.
  useEffect(() => {
    setSet([]);
    if (key === undefined) return;
    void call('review.session', { key }).then((read) => read && setSet(read.markers.toReversed()));
  }, [key, call]);
  return {
    set,
    mark: async (code, note = '', atNs) => {
      const marked = await call('marker.add', { code, note, ...(atNs === undefined ? {} : { atNs }) });
      if (marked) setSet((before) => [{ code, note, atNs: marked.atNs }, ...before]);
      return marked !== null;
    },
    undo: async ({ code, atNs }) => {
      if (key === undefined) return;
      const read = await call('review.session', { key });
      const found = read?.markers.find((one) => one.atNs === atNs && one.code === code);
      if (!found) return;
      const { origin, id, note } = found;
      if (await call('review.correctMarker', { key, origin, id, atNs, code, note, removed: true }))
        setSet((before) => before.filter((one) => one.atNs !== atNs || one.code !== code));
    },
  };
}

/** A note has the time at which the person started to type. */
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
