/**
 * Adds a marker, or corrects its time, code or note. The original recording stays in the index; corrections go to
 * `annotations.sqlite`.
 */
import { Button, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { reportOf } from '../../../electron/common/errors.ts';
import type { ReviewMarker } from '../../../electron/common/review.ts';
import type { Study } from '../../../electron/common/study.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { t } from '../../components/words.ts';
import styles from './MarkerDialog.module.css';
import { whole } from './player.ts';
import { momentText, parseMoment } from './time.ts';
import { usePlayer } from './usePlayer.ts';

/** What is being edited: an existing marker, or a new one at a given moment. */
export type Editing = { marker: ReviewMarker } | { newAtNs: number };

export function MarkerDialog(props: {
  editing: Editing;
  study: Study | null;
  onDone: (changed: boolean) => void;
}): ReactNode {
  const { editing, study, onDone } = props;
  const player = usePlayer();
  const known = 'marker' in editing ? editing.marker : null;
  const atNs = 'marker' in editing ? Number(editing.marker.atNs) : editing.newAtNs;
  const [time, setTime] = useState(momentText(atNs));
  const [code, setCode] = useState(known?.code ?? '');
  const [note, setNote] = useState(known?.note ?? '');
  const [trouble, setTrouble] = useState<string | null>(null);
  const moment = parseMoment(time);
  // A time that was not edited keeps its nanoseconds.
  const chosenNs = time === momentText(atNs) ? (known?.atNs ?? whole(atNs)) : moment === null ? null : whole(moment);
  const outside = moment !== null && moment > player.durationNs;

  const send = async (removed: boolean): Promise<void> => {
    if (chosenNs === null) return;
    const text = { atNs: chosenNs, code: code.trim(), note };
    try {
      if (known)
        await player.door.call('review.correctMarker', { ...text, origin: known.origin, id: known.id, removed });
      else await player.door.call('review.addMarker', text);
      onDone(true);
    } catch (error) {
      const { message, nextStep } = reportOf(error);
      setTrouble(`${message} ${nextStep ?? ''}`.trim());
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (moment !== null && !outside && code.trim() !== '') void send(false);
  };
  return (
    <Dialog
      title={t(known ? 'review.edit.title' : 'review.add.title')}
      closeName={t('dialog.close')}
      onClose={() => onDone(false)}
    >
      <form className={styles.form} onSubmit={submit}>
        <TextInput
          label={t('review.edit.code')}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          maxLength={80}
          required
          data-autofocus
          list="codes"
        />
        <datalist id="codes">
          {study?.codes
            .filter((one) => one !== '')
            .map((one) => (
              <option key={one} value={one} />
            ))}
        </datalist>
        <Textarea
          label={t('review.edit.note')}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={2000}
          rows={3}
        />
        <TextInput
          label={t('review.edit.time')}
          value={time}
          onChange={(event) => setTime(event.currentTarget.value)}
          error={moment === null ? t('review.edit.badTime') : outside ? t('review.edit.outside') : null}
        />
        <p className={styles.hint}>{t('review.edit.hint')}</p>
        {trouble && (
          <p role="alert" className={styles.trouble}>
            {trouble}
          </p>
        )}
        <div className={styles.buttons}>
          {known && (
            <Button variant="default" onClick={() => void send(true)} className={styles.remove}>
              {t('review.edit.remove')}
            </Button>
          )}
          <Button variant="default" onClick={() => onDone(false)}>
            {t('review.edit.cancel')}
          </Button>
          <Button type="submit" disabled={moment === null || outside || code.trim() === ''}>
            {t('review.edit.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
