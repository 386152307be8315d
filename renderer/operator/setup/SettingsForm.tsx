/**
 * The settings of a driver, built from its own description. Each field saves when it loses focus; blank means the
 * default.
 */
import { Button, Checkbox, Switch } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { PlainField, SettingsField } from '../../../electron/common/settingsForm.ts';
import { t } from '../../components/words.ts';
import { ChoiceField, TextField } from './Field.tsx';
import { choiceOf, fieldText, type Settings, textFits, valueOfText, withSetting } from './formValues.ts';
import { PairsField, RowsField } from './RowsField.tsx';
import styles from './SettingsForm.module.css';

interface SettingsFormProps {
  fields: readonly SettingsField[];
  settings: Settings;
  onChange: (settings: Settings) => void;
}

export function SettingsForm({ fields, settings, onChange }: SettingsFormProps): ReactNode {
  const usual = fields.filter(({ advanced, name }) => !advanced || settings[name] !== undefined);
  const rest = fields.filter((field) => !usual.includes(field));
  const [more, setMore] = useState(false);
  const draw = (field: SettingsField): ReactNode => (
    <SettingField
      key={field.name}
      field={field}
      value={settings[field.name]}
      onSave={(value) => onChange(withSetting(settings, field.name, value))}
    />
  );
  return (
    <div className={styles.form}>
      {usual.map(draw)}
      {more && rest.map(draw)}
      {!more && rest.length > 0 && (
        <Button variant="subtle" size="compact-sm" onClick={() => setMore(true)}>
          {t('settings.more', { count: rest.length })}
        </Button>
      )}
    </div>
  );
}

interface SettingFieldProps {
  field: SettingsField;
  value: unknown;
  /** Undefined: the default. */
  onSave: (value: unknown) => void;
}

export function SettingField({ field, value, onSave }: SettingFieldProps): ReactNode {
  const { label, help, fields } = field;
  switch (field.kind) {
    case 'rows':
      return <RowsField field={field} value={value} onSave={onSave} />;
    case 'pairs':
      return <PairsField field={field} value={value} onSave={onSave} />;
    case 'group': {
      const group = (value ?? {}) as Settings;
      const save = (name: string, inner: unknown): void => {
        const next = withSetting(group, name, inner);
        onSave(Object.keys(next).length === 0 ? undefined : next);
      };
      return (
        <fieldset className={styles.group}>
          <legend>{label}</legend>
          {help !== '' && <p className={styles.help}>{help}</p>}
          {fields.map((inner) => (
            <PlainSetting
              key={inner.name}
              field={inner}
              value={group[inner.name]}
              onSave={(next) => save(inner.name, next)}
            />
          ))}
        </fieldset>
      );
    }
    default:
      return <PlainSetting field={field} value={value} onSave={onSave} />;
  }
}

interface PlainSettingProps {
  field: PlainField;
  value: unknown;
  /** The label is for screen readers only. */
  hidden?: boolean;
  onSave: (value: unknown) => void;
}

export function PlainSetting({ field, value, hidden = false, onSave }: PlainSettingProps): ReactNode {
  const { kind, choices, help } = field;
  const label = field.unit === '' ? field.label : `${field.label} (${field.unit})`;
  if (kind === 'switch')
    return (
      <Switch
        size="sm"
        label={label}
        description={help || undefined}
        checked={(value ?? field.default) === true}
        onChange={(event) => onSave(event.currentTarget.checked)}
      />
    );
  if (kind === 'choice') {
    const none = field.default === undefined ? [{ value: '', label: t('settings.default') }] : [];
    return (
      <ChoiceField
        label={label}
        hidden={hidden}
        value={String(value ?? field.default ?? '')}
        choices={[...none, ...choices.map((choice) => ({ ...choice, value: String(choice.value) }))]}
        onSave={(text) => onSave(text === '' ? undefined : choiceOf(field, text))}
      />
    );
  }
  if (kind === 'choices') {
    const chosen = (value ?? field.default ?? []) as unknown[];
    return (
      <Checkbox.Group
        label={label}
        description={help || undefined}
        value={chosen.map(String)}
        onChange={(texts) => onSave(texts.map((text) => choiceOf(field, text)))}
      >
        <div className={styles.choices}>
          {choices.map((choice) => (
            <Checkbox key={String(choice.value)} size="xs" value={String(choice.value)} label={choice.label} />
          ))}
        </div>
      </Checkbox.Group>
    );
  }
  return (
    <TextField
      label={label}
      hidden={hidden}
      help={hidden ? '' : help}
      value={fieldText(field, value)}
      placeholder={fieldText(field, field.default)}
      secret={kind === 'secret'}
      pattern={{ test: (text) => textFits(field, text) }}
      wrong={wrongText(field)}
      onSave={(text) => onSave(valueOfText(field, text))}
    />
  );
}

function wrongText({ kind, min, max, required }: PlainField): string {
  if (kind === 'number' && min !== undefined && max !== undefined) return t('settings.wrong.between', { min, max });
  if (kind === 'number') return t('settings.wrong.number');
  return t(required ? 'settings.wrong.needed' : 'settings.wrong.text');
}
