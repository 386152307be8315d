/** Matches heart straps to wearers: touch one strap, name its wearer, then the next. Saved as one step of the kit. */
import { Button, Checkbox } from '@mantine/core';
import { type ReactNode, use, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import type { SensorSource } from '../../../electron/common/kit.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { SmallButton } from '../../components/SmallButton.tsx';
import { number, t } from '../../components/words.ts';
import { RosterContext } from '../study/roster.ts';
import { TextField } from './Field.tsx';
import { PSEUDONYM } from './pseudonym.ts';
import styles from './StrapDialog.module.css';
import { withWearer } from './strapTouch.ts';
import { type StrapNow, useTouchedStrap } from './useTouchedStrap.ts';

type Wearers = Readonly<Record<string, string>>;

interface StrapDialogProps {
  source: SensorSource;
  streams: SourceHealth['streams'];
  onClose: () => void;
  onSave: (settings: { straps: Wearers; onlyListed: boolean }) => void;
}

export function StrapDialog({ source, streams, onClose, onSave }: StrapDialogProps): ReactNode {
  /** Each answer is one step; the last one is shown. */
  const [steps, setSteps] = useState<readonly Wearers[]>([(source.settings.straps ?? {}) as Wearers]);
  const [onlyListed, setOnlyListed] = useState(source.settings.onlyListed === true);
  const [picked, setPicked] = useState<string | null>(null);
  const { straps, touched, done } = useTouchedStrap(source.id, streams);
  const wearers = steps.at(-1) as Wearers;
  const strap = picked ?? (touched.length === 1 ? (touched[0] as string) : null);
  const give = (to: string, participant: string | null): void => {
    setSteps([...steps, withWearer(wearers, to, participant)]);
    setPicked(null);
    done();
  };
  return (
    <Dialog title={t('straps.title')} closeName={t('straps.cancel')} onClose={onClose} size="lg">
      <p className={styles.how}>{t(source.settings.onlyListed === true ? 'straps.how.only' : 'straps.how')}</p>
      <div className={styles.ask} data-asking={strap !== null || undefined}>
        <p role="status" className={styles.now}>
          {strap !== null
            ? t('straps.which', { strap })
            : touched.length > 1
              ? t('straps.together', { count: touched.length })
              : t('straps.touch')}
        </p>
        {strap !== null && <WhoWears key={strap} taken={wearers} onGive={(participant) => give(strap, participant)} />}
      </div>
      <StrapTable
        straps={straps}
        wearers={wearers}
        asked={strap}
        onPick={setPicked}
        onTakeAway={(from) => give(from, null)}
      />
      <Checkbox
        size="sm"
        label={t('straps.only')}
        checked={onlyListed}
        onChange={(event) => setOnlyListed(event.currentTarget.checked)}
      />
      <div className={styles.buttons}>
        <Button variant="default" disabled={steps.length < 2} onClick={() => setSteps(steps.slice(0, -1))}>
          {t('straps.undo')}
        </Button>
        <span className={styles.space} />
        <Button variant="default" onClick={onClose}>
          {t('straps.cancel')}
        </Button>
        <Button onClick={() => onSave({ straps: wearers, onlyListed })}>{t('straps.save')}</Button>
      </div>
    </Dialog>
  );
}

/** The roster's pseudonyms without a strap, and a field for one that is not on the roster. */
function WhoWears({ taken, onGive }: { taken: Wearers; onGive: (participant: string) => void }): ReactNode {
  const { present } = use(RosterContext);
  const worn = new Set(Object.values(taken));
  return (
    <div className={styles.who}>
      {present
        .filter((participant) => !worn.has(participant))
        .map((participant) => (
          <Button key={participant} variant="light" size="compact-md" onClick={() => onGive(participant)}>
            {participant}
          </Button>
        ))}
      <TextField
        label={t('straps.other')}
        hidden
        clears
        value=""
        placeholder={t('straps.other')}
        pattern={PSEUDONYM}
        wrong={t('setup.participant.wrong')}
        onSave={onGive}
      />
    </div>
  );
}

interface StrapTableProps {
  straps: readonly StrapNow[];
  wearers: Wearers;
  asked: string | null;
  onPick: (strap: string) => void;
  onTakeAway: (strap: string) => void;
}

function StrapTable({ straps, wearers, asked, onPick, onTakeAway }: StrapTableProps): ReactNode {
  const rates = new Map(straps.map(({ strap, heartRateBpm }) => [strap, heartRateBpm]));
  const all = [...new Set([...Object.keys(wearers), ...rates.keys()])].sort((a, b) => Number(a) - Number(b));
  if (all.length === 0) return null;
  return (
    <table className={styles.straps}>
      <thead>
        <tr>
          <th scope="col">{t('straps.strap')}</th>
          <th scope="col">{t('straps.rate')}</th>
          <th scope="col">{t('straps.wearer')}</th>
          <th scope="col">
            <span className={styles.hidden}>{t('straps.change')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {all.map((strap) => {
          const rate = rates.get(strap) ?? null;
          const wearer = wearers[strap];
          return (
            <tr key={strap} data-strap={strap} data-asked={strap === asked || undefined}>
              <th scope="row">{strap}</th>
              <td>{rate === null ? t('straps.quiet') : t('straps.bpm', { rate: number(rate) })}</td>
              <td>{wearer ?? '–'}</td>
              <td>
                {wearer === undefined ? (
                  <SmallButton name={t('straps.name.of', { strap })} onClick={() => onPick(strap)}>
                    {t('straps.name')}
                  </SmallButton>
                ) : (
                  <SmallButton name={t('straps.take.of', { strap })} onClick={() => onTakeAway(strap)}>
                    {t('straps.take')}
                  </SmallButton>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
