/** One source in Setup: its live preview, and its settings. */

import { Button } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { isSimulated, type Source } from '../../../electron/common/kit.ts';
import { formatBytes } from '../../../electron/common/units.ts';
import { ErrorText } from '../../components/ErrorText.tsx';
import { t } from '../../components/words.ts';
import { sourceStatus } from '../sourceStatus.ts';
import { Candidates } from '../sources/Candidates.tsx';
import { SimulatedBadge } from '../sources/SimulatedBadge.tsx';
import { SourcePreview } from '../sources/SourcePreview.tsx';
import { StateWord } from '../sources/StateWord.tsx';
import type { Actions } from '../useActions.ts';
import { AnchorDialog } from './AnchorDialog.tsx';
import { costOf } from './costs.ts';
import { TextField } from './Field.tsx';
import { FloorPlan } from './FloorPlan.tsx';
import { KindFields } from './KindFields.tsx';
import { PSEUDONYM } from './pseudonym.ts';
import { anchorsOf } from './roomPlan.ts';
import styles from './SourceEditor.module.css';

interface SourceEditorProps {
  source: Source;
  /** Undefined: the recorder has not opened it yet. */
  health: SourceHealth | undefined;
  actions: Actions;
  /** Its serial port, if known. */
  port: string | null;
  /** Devices that are previewed without being in the kit; null: none may be opened now. */
  trials: readonly SourceHealth[] | null;
  onChange: (change: Record<string, unknown>) => void;
  /** Undefined: it is the kit's only source, which cannot be removed. */
  onRemove: (() => void) | undefined;
}

export function SourceEditor({
  source,
  health,
  actions,
  port,
  trials,
  onChange,
  onRemove,
}: SourceEditorProps): ReactNode {
  const titleId = useId();
  const name = source.label || source.id;
  const anchors = anchorsOf(source.settings);
  const [placing, setPlacing] = useState(false);
  return (
    <article className={styles.card} aria-labelledby={titleId} data-source={source.id}>
      <div className={styles.seen}>
        {health && anchors.length > 1 && <FloorPlan anchors={anchors} source={health} />}
        {anchors.length > 1 && (
          <Button variant="subtle" size="compact-sm" onClick={() => setPlacing(true)}>
            {t('plan.edit')}
          </Button>
        )}
        {placing && (
          <AnchorDialog
            source={source}
            health={health}
            onClose={() => setPlacing(false)}
            onSave={(settings) => {
              setPlacing(false);
              onChange({ settings });
            }}
          />
        )}
        {health && anchors.length < 2 && <SourcePreview source={health} plots={false} />}
      </div>
      <div className={styles.said}>
        <header className={styles.head}>
          <h2 id={titleId}>{name}</h2>
          {isSimulated(source) && <SimulatedBadge />}
          {health && <StateWord {...sourceStatus(health, false)} />}
        </header>
        <div className={styles.fields}>
          <TextField label={t('setup.label')} value={source.label} onSave={(label) => onChange({ label })} />
          <TextField
            label={t('setup.place')}
            value={source.place}
            placeholder={t('setup.place.example')}
            onSave={(place) => onChange({ place })}
          />
          <TextField
            label={t('setup.participant')}
            value={source.participant ?? ''}
            placeholder={t('setup.participant.example')}
            pattern={PSEUDONYM}
            wrong={t('setup.participant.wrong')}
            onSave={(participant) => onChange({ participant: participant || undefined })}
          />
          <KindFields source={source} health={health} actions={actions} port={port} onChange={onChange} />
        </div>
        <footer className={styles.foot}>
          <span title={health?.state.device}>{health?.state.device}</span>
          <span>{t('setup.cost', { size: formatBytes(costOf(source).bytesPerSecond * 3600) })}</span>
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            disabled={!onRemove}
            onClick={onRemove}
            aria-label={t('setup.remove.name', { name })}
          >
            {t('setup.remove')}
          </Button>
        </footer>
      </div>
      {health && health.state.state !== 'choosing' && (health.state.message !== '' || health.state.nextStep !== '') && (
        <p className={styles.trouble}>
          <ErrorText error={health.state} />
        </p>
      )}
      {health && <Candidates source={health} actions={actions} trials={trials} />}
    </article>
  );
}
