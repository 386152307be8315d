/** The upload destinations: add, test, edit, remove. */

import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { DestinationTestStep } from '../../../electron/common/uploads.ts';
import { bridge } from '../../components/bridge.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { ErrorText } from '../../components/ErrorText.tsx';
import { SmallButton } from '../../components/SmallButton.tsx';
import { t } from '../../components/words.ts';
import { DestinationDialog } from './DestinationDialog.tsx';
import styles from './DestinationList.module.css';
import type { PartProps } from './partProps.ts';

type Known = PartProps['uploads']['destinations'][number];
/** The dialog that is open over the page. */
type Asking = { what: 'form'; known: Known | null } | { what: 'remove'; known: Known } | null;

export function DestinationList({ uploads, actions, again }: PartProps): ReactNode {
  const [asking, setAsking] = useState<Asking>(null);
  const done = (): void => {
    setAsking(null);
    again();
  };
  const remove = async ({ id }: Known): Promise<void> => {
    await bridge().keepKeys({ id, keys: null });
    await actions.call('destinations.delete', { id });
    done();
  };
  const { destinations } = uploads;
  return (
    <section aria-labelledby="destinations-title">
      <h2 id="destinations-title">{t('uploads.destinations')}</h2>
      <ul className={styles.list}>
        {destinations.map((known) => (
          <li key={known.id} className={styles.one}>
            <Destination
              known={known}
              actions={actions}
              onChange={() => setAsking({ what: 'form', known })}
              onRemove={() => setAsking({ what: 'remove', known })}
            />
          </li>
        ))}
      </ul>
      <Button
        variant={destinations.length === 0 ? 'filled' : 'default'}
        onClick={() => setAsking({ what: 'form', known: null })}
      >
        {t('uploads.destination.add')}
      </Button>
      {asking?.what === 'form' && <DestinationDialog known={asking.known} actions={actions} onDone={done} />}
      {asking?.what === 'remove' && (
        <Dialog
          title={t('uploads.destination.remove.title', { name: asking.known.name })}
          closeName={t('dialog.close')}
          onClose={() => setAsking(null)}
        >
          <p className={styles.question}>{t('uploads.destination.remove.text')}</p>
          <div className={styles.buttons}>
            <Button variant="default" onClick={() => setAsking(null)} data-autofocus>
              {t('uploads.destination.remove.keep')}
            </Button>
            <Button onClick={() => void remove(asking.known)}>{t('uploads.destination.remove.do')}</Button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

interface DestinationProps {
  known: Known;
  actions: PartProps['actions'];
  onChange: () => void;
  onRemove: () => void;
}

function Destination({ known, actions, onChange, onRemove }: DestinationProps): ReactNode {
  const { id, name, place, keys } = known;
  const [tested, setTested] = useState<'testing' | readonly DestinationTestStep[] | null>(null);
  const test = async (): Promise<void> => {
    setTested('testing');
    setTested((await actions.call('destinations.test', { id }))?.steps ?? null);
  };
  return (
    <>
      <div className={styles.main}>
        <h3>{name}</h3>
        <p className={styles.place}>{place}</p>
        {keys === 'missing' && <p className={styles.bad}>{t('uploads.destination.keysMissing')}</p>}
        <div role="status">{tested && <TestResult tested={tested} />}</div>
      </div>
      <div className={styles.actions}>
        {keys === 'missing' && (
          <Button size="compact-sm" onClick={onChange} aria-label={t('uploads.destination.enterKeys.of', { name })}>
            {t('uploads.destination.enterKeys')}
          </Button>
        )}
        <SmallButton
          disabled={tested === 'testing' || keys === 'missing'}
          onClick={() => void test()}
          name={t('uploads.destination.test.of', { name })}
        >
          {t('uploads.destination.test')}
        </SmallButton>
        <SmallButton onClick={onChange} name={t('uploads.destination.edit.of', { name })}>
          {t('uploads.destination.edit')}
        </SmallButton>
        <SmallButton onClick={onRemove} name={t('uploads.destination.remove.of', { name })}>
          {t('uploads.destination.remove')}
        </SmallButton>
      </div>
    </>
  );
}

function TestResult({ tested }: { tested: 'testing' | readonly DestinationTestStep[] }): ReactNode {
  if (tested === 'testing') return <p className={styles.place}>{t('uploads.destination.testing')}</p>;
  const failed = tested.find(({ error }) => error !== undefined);
  if (!failed) return <p className={styles.good}>{t('uploads.destination.good')}</p>;
  // A server that cannot delete files is still usable.
  if (failed.name === 'remove') return <p className={styles.good}>{t('uploads.destination.noRemove')}</p>;
  return <p className={styles.bad}>{failed.error && <ErrorText error={failed.error} />}</p>;
}
