/** The roster: pseudonyms, groups, tables, and a checkbox for who is present today. */
import { Button } from '@mantine/core';
import { type ReactNode, useRef, useState } from 'react';
import { localDay, type RosterEntry, type Study } from '../../../electron/common/study.ts';
import { t } from '../../components/words.ts';
import { TextField } from '../setup/Field.tsx';
import styles from './RosterTable.module.css';
import { readRoster } from './rosterCsv.ts';

interface RosterTableProps {
  study: Study;
  absent: ReadonlySet<string>;
  onSave: (next: Study) => void;
}

const PSEUDONYM = /^(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,63})?$/;

export function RosterTable({ study, absent, onSave }: RosterTableProps): ReactNode {
  const { participants } = study;
  const put = (next: RosterEntry[]): void => onSave({ ...study, participants: next });
  const change = (id: string, entry: Partial<RosterEntry>): void =>
    put(participants.map((one) => (one.id === id ? { ...one, ...entry } : one)));
  const setAbsent = (id: string, away: boolean): void => {
    const next = new Set(absent);
    if (away) next.add(id);
    else next.delete(id);
    onSave({ ...study, absent: { day: localDay(new Date()), participants: [...next] } });
  };
  return (
    <>
      {participants.length > 0 && (
        <table className={styles.table}>
          <thead>
            <tr>
              {(['study.here', 'study.pseudonym', 'study.group', 'study.table'] as const).map((key) => (
                <th key={key} scope="col">
                  {t(key)}
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            {participants.map(({ id, group, table }) => (
              <tr key={id} data-absent={absent.has(id) || undefined}>
                <td>
                  <input
                    type="checkbox"
                    checked={!absent.has(id)}
                    aria-label={t('study.here.name', { id })}
                    onChange={(event) => setAbsent(id, !event.currentTarget.checked)}
                  />
                </td>
                <th scope="row">{id}</th>
                <td>
                  <TextField
                    hidden
                    label={t('study.group.of', { id })}
                    value={group}
                    onSave={(next) => change(id, { group: next })}
                  />
                </td>
                <td>
                  <TextField
                    hidden
                    label={t('study.table.of', { id })}
                    value={table}
                    onSave={(next) => change(id, { table: next })}
                  />
                </td>
                <td>
                  <Button
                    variant="subtle"
                    color="gray"
                    size="compact-sm"
                    aria-label={t('study.remove.name', { id })}
                    onClick={() => put(participants.filter((one) => one.id !== id))}
                  >
                    {t('study.remove')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className={styles.more}>
        <TextField
          clears
          label={t('study.add')}
          value=""
          placeholder="P01"
          pattern={PSEUDONYM}
          wrong={t('setup.participant.wrong')}
          onSave={(id) => {
            if (!participants.some((one) => one.id === id)) put([...participants, { id, group: '', table: '' }]);
          }}
        />
        <CsvImport onEntries={(entries) => put(merged(participants, entries))} />
      </div>
    </>
  );
}

/** Existing participants get the file's group and table; nobody is removed. */
function merged(before: readonly RosterEntry[], entries: readonly RosterEntry[]): RosterEntry[] {
  const all = new Map(before.map((one) => [one.id, one]));
  for (const one of entries) all.set(one.id, one);
  return [...all.values()];
}

function CsvImport({ onEntries }: { onEntries: (entries: RosterEntry[]) => void }): ReactNode {
  const file = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState('');
  const read = async (chosen: File): Promise<void> => {
    const roster = readRoster(await chosen.text());
    if (!roster) return setSaid(t('study.csv.none'));
    onEntries(roster.entries);
    const parts = [t('study.csv.read', { count: roster.entries.length })];
    if (roster.ignored.length > 0) parts.push(t('study.csv.ignored', { columns: roster.ignored.join(', ') }));
    if (roster.refused.length > 0) parts.push(t('study.csv.refused', { lines: roster.refused.join(', ') }));
    setSaid(parts.join(' '));
  };
  return (
    <div className={styles.csv}>
      <input
        ref={file}
        type="file"
        accept=".csv,text/csv,text/tab-separated-values"
        hidden
        aria-label={t('study.csv')}
        onChange={(event) => {
          const chosen = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          if (chosen) void read(chosen);
        }}
      />
      <Button variant="default" onClick={() => file.current?.click()}>
        {t('study.csv')}
      </Button>
      <p role="status">{said || t('study.csv.hint')}</p>
    </div>
  );
}
