/** Identical devices: a person says which one this source means, and the answer is kept in the kit. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import type { Actions } from '../useActions.ts';
import styles from './Candidates.module.css';

export function Candidates({ source, actions }: { source: SourceHealth; actions: Actions }): ReactNode {
  const { candidates } = source.state;
  if (candidates.length === 0) return null;
  return (
    <div className={styles.candidates}>
      {candidates.map((candidate) => (
        <Button
          key={JSON.stringify(candidate.match)}
          variant="light"
          size="compact-sm"
          onClick={() => void actions.call('source.choose', { source: source.id, match: candidate.match })}
        >
          {candidate.label}
        </Button>
      ))}
    </div>
  );
}
