/** The meaning of keys 1 to 9 in this study, in Live as well as in Review. */
import type { ReactNode } from 'react';
import { MARKER_KEYS, type Study } from '../../../electron/common/study.ts';
import { t } from '../../components/words.ts';
import { ChoiceField, TextField } from '../setup/Field.tsx';
import styles from './StudyPage.module.css';

export function Codebook({ study, onSave }: { study: Study; onSave: (next: Study) => void }): ReactNode {
  const codes = MARKER_KEYS.map((_, i) => study.codes[i] ?? '');
  const kinds = MARKER_KEYS.map((_, i) => study.codeKinds[i] ?? 'point');
  return (
    <div className={styles.codes}>
      {MARKER_KEYS.map((key, at) => (
        <div key={key} className={styles.code} data-code={at + 1}>
          <TextField
            label={t('study.code', { key })}
            value={codes[at] ?? ''}
            onSave={(code) => onSave({ ...study, codes: codes.with(at, code) })}
          />
          <ChoiceField
            label={t('study.codes.kind', { key })}
            value={kinds[at] ?? 'point'}
            choices={[
              { value: 'point', label: t('study.codes.point') },
              { value: 'interval', label: t('study.codes.interval') },
            ]}
            onSave={(kind) =>
              onSave({ ...study, codeKinds: kinds.with(at, kind === 'interval' ? 'interval' : 'point') })
            }
          />
        </div>
      ))}
    </div>
  );
}
