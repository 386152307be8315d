/** Which studies are uploaded, and where to. Off until a person turns it on. */
import { Checkbox, Switch } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { StudyUpload } from '../../../electron/common/uploads.ts';
import { t } from '../../components/words.ts';
import type { PartProps } from './partProps.ts';
import styles from './StudyList.module.css';

/** @param study the current study, which may have no session yet */
export function StudyList({ uploads, actions, again, study }: PartProps & { study: string | null }): ReactNode {
  const [found, setFound] = useState<readonly string[]>([]);
  const { call } = actions;
  useEffect(() => {
    void call('studies.list', {}).then((list) => list && setFound(list));
  }, [call]);
  const known = uploads.studies.map((one) => one.study);
  const studies = [...new Set([...found, ...known, ...(study === null ? [] : [study])])].sort();
  const save = (next: StudyUpload): void => void call('uploads.study', next).then(again);
  return (
    <section aria-labelledby="upload-studies-title">
      <h2 id="upload-studies-title">{t('uploads.studies')}</h2>
      <ul className={styles.studies}>
        {studies.map((id) => (
          <li key={id}>
            <Study
              plan={uploads.studies.find((one) => one.study === id) ?? { study: id, on: false, destinations: [] }}
              destinations={uploads.destinations}
              onSave={save}
            />
          </li>
        ))}
      </ul>
      <p className={styles.hint}>{t('uploads.studies.hint')}</p>
    </section>
  );
}

interface StudyProps {
  plan: StudyUpload;
  destinations: PartProps['uploads']['destinations'];
  onSave: (next: StudyUpload) => void;
}

function Study({ plan, destinations, onSave }: StudyProps): ReactNode {
  const { study, on } = plan;
  const [first] = destinations;
  const chosen = plan.destinations.length > 0 ? plan.destinations : first ? [first.id] : [];
  const toggle = (id: string, wanted: boolean): void => {
    const next = wanted ? [...chosen, id] : chosen.filter((other) => other !== id);
    onSave({ study, on: on && next.length > 0, destinations: next });
  };
  return (
    <div className={styles.study}>
      <Switch
        label={t('uploads.study.on', { study })}
        checked={on}
        onChange={(event) => onSave({ study, on: event.currentTarget.checked, destinations: chosen })}
      />
      {destinations.length > 1 &&
        destinations.map(({ id, name }) => (
          <Checkbox
            key={id}
            size="xs"
            label={name}
            aria-label={t('uploads.study.to', { study, name })}
            checked={chosen.includes(id)}
            onChange={(event) => toggle(id, event.currentTarget.checked)}
          />
        ))}
    </div>
  );
}
