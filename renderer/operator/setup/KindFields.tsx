/** Settings that differ by kind: the quality of a picture, the sound format, the driver of a sensor. */
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import type { SensorSource, Source } from '../../../electron/common/kit.ts';
import { t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import { PRESETS, presetOf } from './costs.ts';
import { DriverSettings } from './DriverSettings.tsx';
import { ChoiceField, TextField } from './Field.tsx';
import { isSensor } from './kitEdits.ts';
import { ListenDialog, type PickedDriver } from './ListenDialog.tsx';
import { driverChoices, useDrivers } from './useDrivers.ts';

interface KindFieldsProps {
  source: Source;
  health: SourceHealth | undefined;
  actions: Actions;
  /** Its serial port, if known. */
  port: string | null;
  onChange: (change: Record<string, unknown>) => void;
}

export function KindFields({ source, health, actions, port, onChange }: KindFieldsProps): ReactNode {
  if (source.kind === 'camera' || source.kind === 'screen') {
    const { width, height, frameRate } = source.settings;
    const own = { value: 'own', label: t('preset.own', { width, height, rate: frameRate }) };
    const chosen = presetOf(source.settings);
    return (
      <ChoiceField
        label={t('setup.quality')}
        value={chosen}
        choices={[
          ...PRESETS.map((preset) => ({
            value: preset.id,
            label: t(preset.word),
          })),
          ...(chosen === 'own' ? [own] : []),
        ]}
        onSave={(id) => {
          const preset = PRESETS.find((one) => one.id === id);
          if (preset)
            onChange({
              settings: {
                ...source.settings,
                width: preset.width,
                height: preset.height,
                frameRate: preset.frameRate,
                bitrate: undefined,
              },
            });
        }}
      />
    );
  }
  if (source.kind === 'microphone')
    return (
      <ChoiceField
        label={t('setup.sound')}
        value={source.settings.codec}
        choices={[
          { value: 'opus', label: t('preset.opus') },
          { value: 'pcm', label: t('preset.pcm') },
        ]}
        onSave={(codec) => onChange({ settings: { ...source.settings, codec } })}
      />
    );
  if (!isSensor(source)) return null;
  return <SensorFields {...{ source: source as SensorSource, health, actions, port, onChange }} />;
}

/** A mistyped address can be corrected here; a selected device is identified by more than an address. */
function SensorFields({
  source,
  health,
  actions,
  port,
  onChange,
}: KindFieldsProps & { source: SensorSource }): ReactNode {
  const drivers = useDrivers(actions);
  const { path, ...rest } = source.match;
  const isTyped = path !== undefined && Object.values(rest).every((value) => value === undefined);
  return (
    <>
      <ChoiceField
        label={t('setup.driver')}
        value={source.driver}
        choices={driverChoices(drivers, source.kind, source.driver)}
        onSave={(driver) => onChange({ driver, settings: {} })}
      />
      {port !== null && <FindDriver port={port} actions={actions} onPick={onChange} />}
      {isTyped && (
        <TextField
          label={t('setup.byHand.path')}
          value={path}
          pattern={/\S/}
          wrong={t('settings.wrong.needed')}
          onSave={(next) => onChange({ match: { path: next } })}
        />
      )}
      <DriverSettings
        source={source}
        driver={drivers.find(({ id }) => id === source.driver)}
        health={health}
        onChange={onChange}
      />
    </>
  );
}

interface FindDriverProps {
  port: string;
  actions: Actions;
  onPick: (picked: PickedDriver & Record<string, unknown>) => void;
}

/** For an unknown device on a port: detects what it is. */
function FindDriver({ port, actions, onPick }: FindDriverProps): ReactNode {
  const [listening, setListening] = useState(false);
  return (
    <>
      <Button variant="light" size="compact-sm" onClick={() => setListening(true)}>
        {t('listen.open')}
      </Button>
      {listening && (
        <ListenDialog
          path={port}
          actions={actions}
          onClose={() => setListening(false)}
          onPick={(picked) => {
            setListening(false);
            onPick({ ...picked });
          }}
        />
      )}
    </>
  );
}
