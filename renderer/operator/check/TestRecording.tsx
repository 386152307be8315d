/** A ten-second recording from every source, sealed and verified byte by byte, to show that today's recording will work. */
import { Button, Progress } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import { t } from '../../components/words.ts';
import { addressOf } from '../frame/route.ts';
import type { Actions } from '../useActions.ts';
import styles from './TestRecording.module.css';
import { judgeTest, refusedTest, type TestVerdict } from './testVerdict.ts';

const TEST_MS = 10_000;
const STEP_MS = 250;
/** In a separate folder, so that tests do not appear among the lessons. */
const TEST_STUDY = 'test-recordings';

type Stage =
  | { at: 'none' }
  | { at: 'recording'; fraction: number }
  | { at: 'verifying' }
  | { at: 'done'; id: string; verdict: TestVerdict };

export function TestRecording({ state, actions }: { state: ApplianceState; actions: Actions }): ReactNode {
  const [stage, setStage] = useState<Stage>({ at: 'none' });
  const begin = async (): Promise<void> => setStage(await record(state, actions, setStage));
  const running = stage.at === 'recording' || stage.at === 'verifying';
  return (
    <section className={styles.test} aria-labelledby="test-title">
      <h2 id="test-title">{t('test.title')}</h2>
      <p>{t('test.text')}</p>
      <Button onClick={() => void begin()} disabled={running || state.session !== null || state.sources.length === 0}>
        {t('test.do')}
      </Button>
      {stage.at === 'recording' && (
        <Progress value={stage.fraction * 100} transitionDuration={STEP_MS} aria-label={t('test.recording')} />
      )}
      {!running && state.session !== null && <p>{t('test.waits')}</p>}
      <div role="status" data-level={stage.at === 'done' ? stage.verdict.level : undefined}>
        {stage.at === 'recording' && <p>{t('test.recording')}</p>}
        {stage.at === 'verifying' && <p>{t('test.verifying')}</p>}
        {stage.at === 'done' && <Verdict {...stage.verdict} />}
      </div>
      {stage.at === 'done' && stage.id !== '' && <a href={addressOf('sessions', stage.id)}>{t('test.look')}</a>}
    </section>
  );
}

function Verdict({ title, sources }: TestVerdict): ReactNode {
  return (
    <>
      <p>
        <strong>{title}</strong>
      </p>
      {sources.length > 0 && (
        <ul className={styles.sources}>
          {sources.map(({ name, text, nextStep }) => (
            <li key={`${name} ${text}`}>
              <strong>{name}</strong>: {text} {nextStep && <em>{nextStep}</em>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

async function record(state: ApplianceState, { call }: Actions, tell: (stage: Stage) => void): Promise<Stage> {
  const refused: Stage = { at: 'done', id: '', verdict: refusedTest() };
  const session = await call('session.start', { study: TEST_STUDY, name: t('test.title') });
  if (!session) return refused;
  const endMs = performance.now() + TEST_MS;
  for (let left = TEST_MS; left > 0; left = endMs - performance.now()) {
    tell({ at: 'recording', fraction: 1 - left / TEST_MS });
    await new Promise((done) => setTimeout(done, STEP_MS));
  }
  tell({ at: 'verifying' });
  if (!(await call('session.stop', {}))) return refused;
  const summary = await call('session.sealed', { id: session.id });
  const entry = (await call('sessions.list', {}))?.sessions.find(({ id }) => id === session.id);
  const verified = entry && (await call('sessions.verify', { key: entry.key }));
  if (!summary || !verified) return refused;
  return { at: 'done', id: entry.key, verdict: judgeTest({ sources: state.sources, summary, verified }) };
}
