/** The fields noted for every session of this study: their names, and choices if there are any. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Study } from '../../../electron/common/study.ts';
import { t } from '../../components/words.ts';
import { TextField } from '../setup/Field.tsx';
import styles from './StudyPage.module.css';

export function SessionFields({ study, onSave }: { study: Study; onSave: (next: Study) => void }): ReactNode {
  const { fields } = study;
  const put = (next: Study['fields']): void => onSave({ ...study, fields: next });
  const choicesOf = (text: string): string[] => [
    ...new Set(
      text
        .split(',')
        .map((choice) => choice.trim())
        .filter((choice) => choice !== ''),
    ),
  ];
  return (
    <div className={styles.sessionFields}>
      {fields.map(({ name, choices }, at) => (
        <div key={name} className={styles.sessionField}>
          <TextField
            label={t('study.fields.choices', { name })}
            value={choices.join(', ')}
            onSave={(text) => put(fields.with(at, { name, choices: choicesOf(text) }))}
          />
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            aria-label={t('study.fields.remove', { name })}
            onClick={() => put(fields.filter((one) => one.name !== name))}
          >
            {t('study.remove')}
          </Button>
        </div>
      ))}
      <TextField
        clears
        label={t('study.fields.name')}
        value=""
        onSave={(name) => {
          if (!fields.some((one) => one.name === name)) put([...fields, { name, choices: [] }]);
        }}
      />
    </div>
  );
}
