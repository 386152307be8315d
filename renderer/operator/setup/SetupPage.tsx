/** Edits the kit: what is plugged in, each device's name, location and user. Each change takes effect immediately. */
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import type { FoundDevice } from '../../../electron/common/found.ts';
import type { Source } from '../../../electron/common/kit.ts';
import { canBeTried, deviceMark, trialOf } from '../../../electron/common/trial.ts';
import { t } from '../../components/words.ts';
import type { PageProps } from '../frame/pageProps.ts';
import { addressOf } from '../frame/route.ts';
import { candidatesOf } from '../sources/Candidates.tsx';
import { driverOf, FoundList, foundKey } from './FoundList.tsx';
import { KitBar } from './KitBar.tsx';
import { type NewSource, newSource, unused } from './kitEdits.ts';
import { NewDevices } from './newDevices.ts';
import { SensorByHand } from './SensorByHand.tsx';
import styles from './SetupPage.module.css';
import { SourceEditor } from './SourceEditor.tsx';
import { ThisComputer } from './ThisComputer.tsx';
import { useKit } from './useKit.ts';
import { useTrials } from './useTrials.ts';
import { useUndoKey } from './useUndoKey.ts';

/** Survives a visit to another page: devices plugged in meanwhile are new too. */
const came = new NewDevices();

export function SetupPage({ state, actions }: PageProps): ReactNode {
  const edit = useKit(state, actions);
  const [byHand, setByHand] = useState(false);
  const { kit } = edit;
  const locked = state.session !== null;
  useUndoKey(locked ? undefined : edit.undo);
  const alike = state.sources.flatMap(candidatesOf).filter(canBeTried);
  // Devices among which a person must choose are shown with that question.
  const asked = new Set(alike.map(({ kind, match }) => deviceMark({ kind, match })));
  const found = unused(state.found).filter(({ kind, match }) => !asked.has(deviceMark({ kind, match })));
  const looked = [...found.map((device) => ({ ...device, driver: driverOf(device) })), ...alike];
  useTrials(locked ? [] : looked.map(trialOf));
  const trials = locked ? null : state.trials;
  return (
    <main className={styles.page}>
      <KitBar state={state} edit={edit} actions={actions} locked={locked} />
      {locked && <p className={styles.locked}>{t('setup.locked')}</p>}
      <fieldset className={styles.fields} disabled={locked}>
        {kit && (
          <ul className={styles.sources} aria-label={t('sources.title')}>
            {kit.sources.map((source) => (
              <li key={source.id}>
                <SourceEditor
                  source={source}
                  health={state.sources.find(({ id }) => id === source.id)}
                  actions={actions}
                  port={portOf(source, state.found)}
                  trials={trials}
                  onChange={(change) => void edit.change(source, change)}
                  onRemove={kit.sources.length > 1 ? () => void edit.edit({ op: 'remove', id: source.id }) : undefined}
                />
              </li>
            ))}
          </ul>
        )}
        <FoundList
          found={found}
          fresh={came.look(state.found.map(foundKey), performance.now())}
          trials={trials}
          empty={kit === null && state.found.length === 0}
          onAdd={(device) => void edit.add([newSource(device, kit)])}
        />
        <div className={styles.more}>
          <Button variant="default" onClick={() => setByHand(true)}>
            {t('setup.byHand')}
          </Button>
        </div>
      </fieldset>
      <div className={styles.computer}>
        <ThisComputer actions={actions} />
      </div>
      {byHand && (
        <SensorByHand
          actions={actions}
          kit={kit}
          onClose={() => setByHand(false)}
          onAdd={(source) => {
            setByHand(false);
            void edit.add([source as NewSource]);
          }}
        />
      )}
      {kit && (
        <footer className={styles.foot}>
          <span>{readyText(kit.sources, state.sources)}</span>
          <Button component="a" href={addressOf('live')} size="md">
            {t('setup.toLive')}
          </Button>
        </footer>
      )}
    </main>
  );
}

/** The port that the source is plugged into, or the port in the kit if it is not found or cannot be opened. */
function portOf(source: Source, found: readonly FoundDevice[]): string | null {
  if (source.kind !== 'serial') return null;
  return (
    found.find((device) => device.kind === 'serial' && device.source === source.id)?.key ?? source.match.path ?? null
  );
}

function readyText(sources: readonly Source[], health: readonly SourceHealth[]): string {
  const ready = health.filter(({ state }) => state.state === 'streaming').length;
  return ready === sources.length
    ? t('setup.allReady', { count: ready })
    : t('setup.someReady', { ready, count: sources.length });
}
