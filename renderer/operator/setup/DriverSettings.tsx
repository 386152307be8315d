/**
 * The settings of a sensor: the required ones on its card, all of them in a dialog, both built from the driver's
 * description.
 */
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import type { SensorSource } from '../../../electron/common/kit.ts';
import type { DriverInfo } from '../../../electron/common/settingsForm.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { t } from '../../components/words.ts';
import { type Settings, withSetting } from './formValues.ts';
import { SettingField, SettingsForm } from './SettingsForm.tsx';
import { StrapDialog } from './StrapDialog.tsx';

interface DriverSettingsProps {
  source: SensorSource;
  /** Undefined: not known here. */
  driver: DriverInfo | undefined;
  health: SourceHealth | undefined;
  onChange: (change: Record<string, unknown>) => void;
}

export function DriverSettings({ source, driver, health, onChange }: DriverSettingsProps): ReactNode {
  const [open, setOpen] = useState(false);
  if (!driver || driver.settings.length === 0) return null;
  const settings: Settings = source.settings;
  const save = (next: Settings): void => onChange({ settings: next });
  const needed = driver.settings.filter(({ required }) => required);
  const own = driver.settings.flatMap(({ editor }) => (editor === undefined ? [] : [editor]));
  return (
    <>
      {needed.map((field) => (
        <SettingField
          key={field.name}
          field={field}
          value={settings[field.name]}
          onSave={(value) => save(withSetting(settings, field.name, value))}
        />
      ))}
      <Button variant="light" size="compact-sm" onClick={() => setOpen(true)}>
        {t('settings.open')}
      </Button>
      {own.map((editor) => {
        const Editor = EDITORS[editor];
        return Editor ? <Editor key={editor} source={source} health={health} onSave={save} /> : null;
      })}
      {open && (
        <Dialog
          title={t('settings.title', { name: source.label || source.id })}
          closeName={t('settings.close')}
          onClose={() => setOpen(false)}
          size="lg"
        >
          <SettingsForm fields={driver.settings} settings={settings} onChange={save} />
        </Dialog>
      )}
    </>
  );
}

interface EditorProps {
  source: SensorSource;
  health: SourceHealth | undefined;
  onSave: (settings: Settings) => void;
}

/** Special case: straps are matched to wearers by touch instead of a form. */
const EDITORS: Readonly<Record<string, (props: EditorProps) => ReactNode>> = { straps: StrapsEditor };

function StrapsEditor({ source, health, onSave }: EditorProps): ReactNode {
  const [matching, setMatching] = useState(false);
  if (source.settings.mode !== 'scan') return null;
  return (
    <>
      <Button variant="light" size="compact-sm" onClick={() => setMatching(true)}>
        {t('straps.open')}
      </Button>
      {matching && (
        <StrapDialog
          source={source}
          streams={health?.streams ?? []}
          onClose={() => setMatching(false)}
          onSave={(change) => {
            setMatching(false);
            onSave({ ...source.settings, ...change });
          }}
        />
      )}
    </>
  );
}
