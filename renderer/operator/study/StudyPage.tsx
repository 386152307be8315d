/** The study: which one sessions belong to, who takes part, who is absent today, and the meaning of the marker keys. */
import { Button, NativeSelect } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { idSchema } from '../../../electron/common/stream.ts';
import { absentOn, localDay } from '../../../electron/common/study.ts';
import { t } from '../../components/words.ts';
import { NoKitPage } from '../frame/NoKitPage.tsx';
import type { PageProps } from '../frame/pageProps.ts';
import { TextField } from '../setup/Field.tsx';
import { useKit } from '../setup/useKit.ts';
import { Codebook } from './Codebook.tsx';
import { RosterTable } from './RosterTable.tsx';
import { SessionFields } from './SessionFields.tsx';
import styles from './StudyPage.module.css';

export function StudyPage({ state, actions, study, saveStudy }: PageProps): ReactNode {
  if (!state.kit) return <NoKitPage title={t('page.study')} className={styles.page} />;
  return (
    <main className={styles.page}>
      <h1>{t('page.study')}</h1>
      <StudyChoice state={state} actions={actions} />
      {study && (
        <>
          <section className={styles.part} aria-labelledby="roster-title">
            <h2 id="roster-title">{t('study.roster')}</h2>
            <p className={styles.hint}>{t('study.roster.hint')}</p>
            <RosterTable
              study={study}
              absent={absentOn(study, localDay(new Date()))}
              onSave={(next) => void saveStudy(next)}
            />
          </section>
          <section className={styles.part} aria-labelledby="codes-title">
            <h2 id="codes-title">{t('study.codes')}</h2>
            <p className={styles.hint}>{t('study.codes.hint')}</p>
            <Codebook study={study} onSave={(next) => void saveStudy(next)} />
          </section>
          <section className={styles.part} aria-labelledby="fields-title">
            <h2 id="fields-title">{t('study.fields')}</h2>
            <p className={styles.hint}>{t('study.fields.hint')}</p>
            <SessionFields study={study} onSave={(next) => void saveStudy(next)} />
          </section>
        </>
      )}
    </main>
  );
}

/** The study that the next session belongs to, and creating a new one. */
function StudyChoice({ state, actions }: Pick<PageProps, 'state' | 'actions'>): ReactNode {
  const { kit, edit } = useKit(state, actions);
  const [ids, setIds] = useState<readonly string[]>([]);
  const { call } = actions;
  useEffect(() => {
    void call('studies.list', {}).then((list) => list && setIds(list));
  }, [call]);
  const now = state.kit?.study ?? '';
  const choices = [...new Set([now, ...ids])].sort();
  const use = (study: string): void => {
    if (kit && study !== now) void edit({ op: 'study', study });
  };
  return (
    <div className={styles.choice}>
      <NativeSelect
        label={t('study.choice')}
        value={now}
        data={choices}
        disabled={state.session !== null}
        onChange={(event) => use(event.currentTarget.value)}
      />
      <NewStudy disabled={state.session !== null} onNew={use} />
    </div>
  );
}

function NewStudy({ disabled, onNew }: { disabled: boolean; onNew: (id: string) => void }): ReactNode {
  const [open, setOpen] = useState(false);
  if (!open)
    return (
      <Button variant="default" disabled={disabled} onClick={() => setOpen(true)}>
        {t('study.new')}
      </Button>
    );
  return (
    <TextField
      label={t('study.new.name')}
      value=""
      placeholder="physics-7b"
      pattern={/^(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)?$/}
      wrong={t('study.new.wrong')}
      onSave={(id) => {
        setOpen(false);
        if (idSchema.safeParse(id).success) onNew(id);
      }}
    />
  );
}
