/** What an ANT+ stick must be told: the key of the licence, one strap or the whole class, and who wears which. */
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import type { SensorSource } from '../../../electron/common/kit.ts';
import { t } from '../../components/words.ts';
import { ChoiceField, TextField } from './Field.tsx';
import { StrapDialog } from './StrapDialog.tsx';

interface AntFieldsProps {
  source: SensorSource;
  health: SourceHealth | undefined;
  onChange: (change: Record<string, unknown>) => void;
}

export function AntFields({ source, health, onChange }: AntFieldsProps): ReactNode {
  const { settings } = source;
  const [matching, setMatching] = useState(false);
  const set = (change: Record<string, unknown>): void => onChange({ settings: { ...settings, ...change } });
  return (
    <>
      <TextField
        label={t('ant.key')}
        value={String(settings.networkKey ?? '')}
        placeholder={t('ant.key.example')}
        secret
        pattern={/^[0-9a-fA-F]{16}$/}
        wrong={t('ant.key.wrong')}
        onSave={(networkKey) => set({ networkKey })}
      />
      <ChoiceField
        label={t('ant.mode')}
        value={settings.mode === 'scan' ? 'scan' : 'single'}
        choices={[
          { value: 'single', label: t('ant.mode.single') },
          { value: 'scan', label: t('ant.mode.scan') },
        ]}
        onSave={(mode) => set({ mode })}
      />
      {settings.mode === 'scan' && (
        <Button variant="light" size="compact-sm" onClick={() => setMatching(true)}>
          {t('straps.open')}
        </Button>
      )}
      {matching && (
        <StrapDialog
          source={source}
          streams={health?.streams ?? []}
          onClose={() => setMatching(false)}
          onSave={(change) => {
            setMatching(false);
            set(change);
          }}
        />
      )}
    </>
  );
}
