/** The first start: try everything without hardware, or set up the connected devices. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import { kitSchema } from '../../../electron/common/kit.ts';
import simulated from '../../../resources/kits/simulated.json';
import { counted, t } from '../../components/words.ts';
import { SetupIcon, SimulatedIcon } from '../frame/icons.tsx';
import { go } from '../frame/route.ts';
import { newSources } from '../setup/kitEdits.ts';
import type { Actions } from '../useActions.ts';
import styles from './Welcome.module.css';

export function Welcome({ state, actions }: { state: ApplianceState; actions: Actions }): ReactNode {
  const { found } = state;
  const tryIt = async (): Promise<void> => {
    await actions.call('kit.save', { kit: kitSchema.parse(simulated), path: null });
  };
  const setUp = async (): Promise<void> => {
    const sources = newSources(found, null);
    const step = { op: 'add' as const, sources, kitName: t('setup.kit.first') };
    if (sources.length === 0 || (await actions.call('kit.edit', step))) go('setup');
  };
  return (
    <div className={styles.welcome}>
      <h1>{t('welcome.title')}</h1>
      <p className={styles.lead}>{t('welcome.text')}</p>
      <div className={styles.ways}>
        <section className={styles.way}>
          <SetupIcon />
          <h2>{t('welcome.setup')}</h2>
          <p>{t('welcome.setup.text')}</p>
          <p className={styles.found} role="status">
            {found.length === 0 ? t('welcome.found.none') : counted('welcome.found', found.length)}
          </p>
          <Button size="md" onClick={() => void setUp()} disabled={actions.busy} data-autofocus>
            {t('welcome.setup.do')}
          </Button>
        </section>
        <section className={styles.way}>
          <SimulatedIcon />
          <h2>{t('welcome.simulated')}</h2>
          <p>{t('welcome.simulated.text')}</p>
          <p className={styles.found}>{t('welcome.simulated.label')}</p>
          <Button size="md" variant="default" onClick={() => void tryIt()} disabled={actions.busy}>
            {t('welcome.simulated.do')}
          </Button>
        </section>
      </div>
      <p className={styles.other}>
        {t('welcome.kit')}{' '}
        <Button variant="subtle" size="compact-md" onClick={actions.openKit} disabled={actions.busy}>
          {t('kit.open')}
        </Button>
      </p>
    </div>
  );
}
