/** Fields that save automatically: a text when it loses focus or Enter is pressed, a choice when it is made. */
import { NativeSelect, TextInput } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';

interface TextFieldProps {
  label: string;
  /** The label is for screen readers only: a heading shows it to everyone else. */
  hidden?: boolean;
  value: string;
  placeholder?: string;
  /** The field only adds: it is cleared after saving. */
  clears?: boolean;
  /** Masked, so that nobody can read it over a shoulder. */
  secret?: boolean;
  /** Values that may be saved; any if omitted. */
  pattern?: { test: (text: string) => boolean };
  /** Describes the expected value. */
  help?: string;
  /** Shown if the value is invalid. */
  wrong?: string;
  onSave: (value: string) => void;
}

export function TextField({
  label,
  hidden = false,
  clears = false,
  secret = false,
  value,
  placeholder,
  pattern,
  help,
  wrong,
  onSave,
}: TextFieldProps): ReactNode {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const fits = pattern === undefined || pattern.test(text.trim());
  const save = (): void => {
    const next = text.trim();
    if (!fits || next === value) return;
    onSave(next);
    if (clears) setText('');
  };
  return (
    <TextInput
      size="xs"
      type={secret ? 'password' : 'text'}
      {...(hidden ? { 'aria-label': label } : { label })}
      {...(help ? { description: help } : {})}
      value={text}
      data-saved={value}
      placeholder={placeholder ?? ''}
      maxLength={200}
      error={fits ? undefined : wrong}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save();
        if (event.key === 'Escape') setText(value);
      }}
    />
  );
}

export function ChoiceField({
  label,
  hidden = false,
  value,
  choices,
  onSave,
}: {
  label: string;
  /** The label is for screen readers only. */
  hidden?: boolean;
  value: string;
  choices: readonly { value: string; label: string }[];
  onSave: (value: string) => void;
}): ReactNode {
  return (
    <NativeSelect
      size="xs"
      {...(hidden ? { 'aria-label': label } : { label })}
      value={value}
      data={[...choices]}
      onChange={(event) => onSave(event.currentTarget.value)}
    />
  );
}
