/** A setting that is a table: columns of lines, anchors, names of buttons. Rows are saved once they are complete. */
import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { type PlainField, type SettingsField, settingsFieldSchema } from '../../../electron/common/settingsForm.ts';
import { SmallButton } from '../../components/SmallButton.tsx';
import { t } from '../../components/words.ts';
import { isComplete, type Settings, withSetting } from './formValues.ts';
import styles from './SettingsForm.module.css';
import { PlainSetting } from './SettingsForm.tsx';

interface TableProps {
  field: SettingsField;
  value: unknown;
  onSave: (value: unknown) => void;
}

export function RowsField({ field, value, onSave }: TableProps): ReactNode {
  return (
    <Table
      field={field}
      columns={field.fields}
      rows={Array.isArray(value) ? (value as Settings[]) : []}
      onSave={(rows) => onSave(rows.length === 0 ? undefined : rows)}
    />
  );
}

const part = (name: string, label: string): PlainField =>
  settingsFieldSchema.parse({ name, label, kind: 'text', required: true });

export function PairsField({ field, value, onSave }: TableProps): ReactNode {
  const pairs = Object.entries((value ?? {}) as Settings);
  return (
    <Table
      field={field}
      columns={[part('name', t('settings.pair.name')), part('value', t('settings.pair.value'))]}
      rows={pairs.map(([name, inner]) => ({ name, value: inner }))}
      onSave={(rows) =>
        onSave(rows.length === 0 ? undefined : Object.fromEntries(rows.map((row) => [String(row.name), row.value])))
      }
    />
  );
}

interface RowsProps {
  field: SettingsField;
  columns: readonly PlainField[];
  rows: readonly Settings[];
  onSave: (rows: readonly Settings[]) => void;
}

function Table({ field, columns, rows, onSave }: RowsProps): ReactNode {
  /** Includes rows that are not complete yet. */
  const [draft, setDraft] = useState(rows);
  const saved = JSON.stringify(rows);
  useEffect(() => setDraft(JSON.parse(saved) as Settings[]), [saved]);
  const change = (next: readonly Settings[]): void => {
    setDraft(next);
    if (next.every((row) => isComplete(columns, row))) onSave(next);
  };
  const shown = columns.filter(
    ({ advanced, required, name }, i) => !advanced || required || i < 4 || draft.some((row) => row[name] !== undefined),
  );
  return (
    <fieldset className={styles.group}>
      <legend>{field.unit === '' ? field.label : `${field.label} (${field.unit})`}</legend>
      {field.help !== '' && <p className={styles.help}>{field.help}</p>}
      <div className={styles.table}>
        {draft.length > 0 && (
          <table>
            <thead>
              <tr>
                {shown.map(({ name, label }) => (
                  <th key={name} scope="col">
                    {label}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {draft.map((row, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows have no names of their own, and keep their order
                <tr key={i}>
                  {shown.map((column) => (
                    <td key={column.name}>
                      <PlainSetting
                        hidden
                        field={{ ...column, label: t('settings.cell', { name: column.label, row: i + 1 }) }}
                        value={row[column.name]}
                        onSave={(value) => change(draft.with(i, withSetting(row, column.name, value)))}
                      />
                    </td>
                  ))}
                  <td>
                    <SmallButton
                      name={t('settings.row.remove.name', { row: i + 1 })}
                      onClick={() => change(draft.toSpliced(i, 1))}
                    >
                      {t('settings.row.remove')}
                    </SmallButton>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <div className={styles.buttons}>
          <Button variant="default" size="compact-sm" onClick={() => setDraft([...draft, {}])}>
            {t('settings.row.add')}
          </Button>
        </div>
      </div>
    </fieldset>
  );
}
