/** Session details: its name, the fields that its study defines, and notes. Each field is saved when it loses focus. */
import { Textarea } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { Study } from '../../../electron/common/study.ts';
import { t } from '../../components/words.ts';
import { ChoiceField, TextField } from '../setup/Field.tsx';
import styles from './DetailsFields.module.css';

export interface Details {
  name: string;
  notes: string;
  fields: Readonly<Record<string, string>>;
}

export const NO_DETAILS: Details = { name: '', notes: '', fields: {} };

interface DetailsFieldsProps {
  details: Details;
  /** Null: its study is not known here. */
  study: Study | null;
  onSave: (details: Details) => void;
}

export function DetailsFields({ details, study, onSave }: DetailsFieldsProps): ReactNode {
  const field = (name: string, value: string): void =>
    onSave({ ...details, fields: { ...details.fields, [name]: value } });
  return (
    <div className={styles.fields}>
      <TextField
        label={t('details.name')}
        value={details.name}
        placeholder={t('details.name.example')}
        onSave={(name) => onSave({ ...details, name })}
      />
      {study?.fields.map(({ name, choices }) =>
        choices.length > 0 ? (
          <ChoiceField
            key={name}
            label={name}
            value={details.fields[name] ?? ''}
            choices={['', ...choices].map((value) => ({ value, label: value || t('details.notChosen') }))}
            onSave={(value) => field(name, value)}
          />
        ) : (
          <TextField
            key={name}
            label={name}
            value={details.fields[name] ?? ''}
            onSave={(value) => field(name, value)}
          />
        ),
      )}
      <Notes value={details.notes} onSave={(notes) => onSave({ ...details, notes })} />
    </div>
  );
}

function Notes({ value, onSave }: { value: string; onSave: (notes: string) => void }): ReactNode {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <Textarea
      size="xs"
      label={t('details.notes')}
      rows={2}
      maxLength={20_000}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => text !== value && onSave(text)}
    />
  );
}
