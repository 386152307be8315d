/** Adds or edits a destination. Keys are sent only to the main process, and never returned. */
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import type { DestinationSettings } from '../../../electron/common/destinations.ts';
import { type ErrorReport, FieldroomError } from '../../../electron/common/errors.ts';
import type { KeyPlace } from '../../../electron/common/ipc.ts';
import type { UploadsState } from '../../../electron/common/uploads.ts';
import { bridge } from '../../components/bridge.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { errorLine, t, type WordKey } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import { useStore } from '../useStore.ts';
import styles from './DestinationDialog.module.css';
import { type DestinationForm, faultOf, formOf, keysOf, settingsOf } from './destinationForm.ts';

export interface DestinationDialogProps {
  /** Null: a new one. */
  known: UploadsState['destinations'][number] | null;
  actions: Actions;
  onDone: () => void;
}

const KINDS = ['s3', 'tus', 'folder', 'rclone'] as const;

export function DestinationDialog({ known, actions, onDone }: DestinationDialogProps): ReactNode {
  const store = useStore();
  const [form, setForm] = useState(() => formOf(known));
  const [shown, setShown] = useState(false);
  const fault = faultOf(form);
  const set = (change: Partial<DestinationForm>): void => setForm((before) => ({ ...before, ...change }));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setShown(true);
    if (fault) return;
    const saved = await actions.attempt(async () => {
      const settings = settingsOf(form) as DestinationSettings;
      const { id } = await store.client.call('destinations.save', {
        id: known?.id ?? null,
        name: form.name.trim(),
        settings,
      });
      const keys = keysOf(form);
      if (!keys) return true;
      const reply = await bridge().keepKeys({ id, keys });
      if (!reply.ok) throw FieldroomError.from(reply.error as ErrorReport);
      return true;
    });
    if (saved) onDone();
  };
  const field = { form, set, fault: shown ? fault : null };
  const title = known ? t('uploads.form.change', { name: known.name }) : t('uploads.form.new');
  return (
    <Dialog title={title} closeName={t('dialog.close')} onClose={onDone} size="lg">
      <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
        <NativeSelect
          label={t('uploads.form.kind')}
          value={form.kind}
          disabled={known !== null}
          data={KINDS.map((value) => ({ value, label: t(`uploads.form.kind.${value}`) }))}
          onChange={(event) => set({ kind: event.currentTarget.value as DestinationForm['kind'] })}
        />
        <Text {...field} name="name" word="uploads.form.name" hint={t('uploads.form.name.example')} />
        {form.kind === 'folder' && <Folder {...field} />}
        {form.kind === 'rclone' && <Remote {...field} />}
        {(form.kind === 's3' || form.kind === 'tus') && <Server {...field} keyed={known?.keys === 'given'} />}
        {actions.trouble && (
          <p role="alert" className={styles.trouble}>
            {errorLine(actions.trouble)}
          </p>
        )}
        <div className={styles.buttons}>
          <Button variant="default" onClick={onDone}>
            {t('uploads.form.cancel')}
          </Button>
          <Button type="submit" loading={actions.busy}>
            {t('uploads.form.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldProps {
  form: DestinationForm;
  set: (change: Partial<DestinationForm>) => void;
  fault: ReturnType<typeof faultOf>;
}

type TextName = { [N in keyof DestinationForm]: DestinationForm[N] extends string ? N : never }[keyof DestinationForm];

function Text(props: FieldProps & { name: TextName; word: WordKey; hint?: string; secret?: boolean }): ReactNode {
  const { form, set, fault, name, word, hint = '', secret = false } = props;
  return (
    <TextInput
      label={t(word)}
      type={secret ? 'password' : 'text'}
      autoComplete="off"
      spellCheck={false}
      maxLength={4000}
      value={form[name]}
      placeholder={hint}
      error={fault?.field === name ? t(fault.word) : undefined}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
      {...(name === 'name' ? { 'data-autofocus': true } : {})}
    />
  );
}

function Folder(field: FieldProps): ReactNode {
  const choose = async (): Promise<void> => {
    const chosen = await bridge().choosePath('folder');
    if (chosen) field.set({ path: chosen.path });
  };
  return (
    <div className={styles.chosen}>
      <Text {...field} name="path" word="uploads.form.path" />
      <Button variant="default" onClick={() => void choose()}>
        {t('uploads.form.choose')}
      </Button>
    </div>
  );
}

function Remote(field: FieldProps): ReactNode {
  return (
    <>
      <Text {...field} name="remote" word="uploads.form.remote" hint="nextcloud:Lab/sessions" />
      <p>{t('uploads.form.remote.hint')}</p>
    </>
  );
}

/** @param keyed keys are stored: they are kept if none are entered */
function Server({ keyed, ...field }: FieldProps & { keyed: boolean }): ReactNode {
  const { form, set } = field;
  const s3 = form.kind === 's3';
  const choose = async (): Promise<void> => {
    const chosen = await bridge().choosePath('certificate');
    if (chosen) set({ caFile: chosen.path });
  };
  return (
    <>
      <Text
        {...field}
        name="endpoint"
        word="uploads.form.endpoint"
        hint={s3 ? t('uploads.form.endpoint.s3') : 'https://…/files/'}
      />
      {s3 && (
        <>
          <Text {...field} name="bucket" word="uploads.form.bucket" />
          <Text {...field} name="region" word="uploads.form.region" />
        </>
      )}
      <Text {...field} name="prefix" word="uploads.form.prefix" />
      {s3 && form.endpoint.trim() !== '' && (
        <Checkbox
          className={styles.wide}
          label={t('uploads.form.virtualHost')}
          checked={form.virtualHost}
          onChange={(event) => set({ virtualHost: event.currentTarget.checked })}
        />
      )}
      <div className={styles.chosen}>
        <Text {...field} name="caFile" word="uploads.form.ca" />
        <Button variant="default" onClick={() => void choose()}>
          {t('uploads.form.choose')}
        </Button>
      </div>
      <Keys {...field} keyed={keyed} />
    </>
  );
}

function Keys({ keyed, ...field }: FieldProps & { keyed: boolean }): ReactNode {
  const [place, setPlace] = useState<KeyPlace | null>(null);
  useEffect(() => {
    void bridge()
      .keyPlace()
      .then(setPlace, () => setPlace('memory'));
  }, []);
  const hint = keyed ? { hint: t('uploads.form.keysKept') } : {};
  return (
    <>
      {field.form.kind === 's3' ? (
        <>
          <Text {...field} {...hint} name="accessKeyId" word="uploads.form.accessKey" />
          <Text {...field} {...hint} name="secretAccessKey" word="uploads.form.secretKey" secret />
          <Text {...field} {...hint} name="sessionToken" word="uploads.form.sessionToken" secret />
        </>
      ) : (
        <Text {...field} {...hint} name="bearer" word="uploads.form.bearer" secret />
      )}
      {place && <p className={place === 'safe' ? styles.hint : styles.warn}>{t(`uploads.form.${place}`)}</p>}
    </>
  );
}
