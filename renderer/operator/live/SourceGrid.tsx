/** All sources at a glance: pictures, then sound, then sensors. */
import { type ReactNode, useState } from 'react';
import type { ApplianceState, SourceHealth } from '../../../electron/common/applianceState.ts';
import { t, type WordKey } from '../../components/words.ts';
import { isRecording } from '../alarms.ts';
import { SourceCard } from '../sources/SourceCard.tsx';
import type { Actions } from '../useActions.ts';
import styles from './SourceGrid.module.css';

const isPicture = (source: SourceHealth): boolean => source.kind === 'camera' || source.kind === 'screen';
const isSound = (source: SourceHealth): boolean => source.kind === 'microphone';

const GROUPS: readonly { title: WordKey; layout: 'pictures' | 'strips'; has: (source: SourceHealth) => boolean }[] = [
  { title: 'sources.pictures', layout: 'pictures', has: isPicture },
  { title: 'sources.sound', layout: 'strips', has: isSound },
  { title: 'sources.sensors', layout: 'strips', has: (source) => !isPicture(source) && !isSound(source) },
];

export function SourceRegistry({ state, actions }: { state: ApplianceState; actions: Actions }): ReactNode {
  const recording = isRecording(state);
  const [large, setLarge] = useState<string | null>(null);
  const sessionPaused = state.session?.state === 'paused';
  return GROUPS.map(({ title, layout, has }) => {
    const sources = state.sources.filter(has);
    if (sources.length === 0) return null;
    return (
      <section key={title} className={styles.group} aria-label={t(title)}>
        <h2 className={styles.title}>{t(title)}</h2>
        <ul className={styles[layout]} data-count={Math.min(sources.length, 4)}>
          {sources.map((source) => (
            <li key={source.id} data-large={source.id === large || undefined}>
              <SourceCard
                source={source}
                {...{ recording, sessionPaused, actions }}
                large={layout === 'pictures' ? source.id === large : undefined}
                onLarge={() => setLarge(source.id === large ? null : source.id)}
              />
            </li>
          ))}
        </ul>
      </section>
    );
  });
}
