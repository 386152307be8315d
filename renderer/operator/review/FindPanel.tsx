/** Jumps to the next moment at which a value crosses a limit: “next time P03 > 100 bpm”. */
import { Button, NativeSelect, NumberInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { channelText } from '../../components/format.ts';
import { t } from '../../components/words.ts';
import { nextCrossing } from './crossing.ts';
import type { Player } from './player.ts';
import { whole } from './player.ts';
import styles from './SideLists.module.css';
import { nameOf } from './StreamRow.tsx';
import { momentText } from './time.ts';
import { usePlayerState } from './usePlayer.ts';

/** Buckets of the first search, and samples of the second: a bucket of a long session contains fewer. */
const POINTS = 4000;
const MOST_SAMPLES = 20_000;

interface Choice {
  stream: string;
  channel: string;
  /** Index in the values of a sample. */
  index: number;
  unit: string;
  label: string;
}

export function FindPanel(): ReactNode {
  const player = usePlayerState('session');
  const choices = choicesOf(player);
  const [picked, setPicked] = useState(0);
  const [above, setAbove] = useState(true);
  const [value, setValue] = useState<number | null>(null);
  const [said, setSaid] = useState('');
  const choice = choices[picked];
  if (!choice) return <p className={styles.empty}>{t('review.find.none')}</p>;
  const find = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (value === null) return;
    setSaid(t('review.find.searching'));
    const ns = await search(player, choice, { above, value }).catch(() => null);
    if (ns !== null) player.seek(ns);
    setSaid(ns === null ? t('review.find.nothing') : t('review.find.at', { time: momentText(ns, 1) }));
  };
  return (
    <form className={styles.find} onSubmit={(event) => void find(event)}>
      <NativeSelect
        size="xs"
        label={t('review.find.value')}
        value={String(picked)}
        data={choices.map(({ label }, i) => ({ value: String(i), label }))}
        onChange={(event) => setPicked(Number(event.currentTarget.value))}
      />
      <div className={styles.limit}>
        <NativeSelect
          size="xs"
          label={t('review.find.goes')}
          value={above ? 'above' : 'below'}
          data={[
            { value: 'above', label: t('review.find.above') },
            { value: 'below', label: t('review.find.below') },
          ]}
          onChange={(event) => setAbove(event.currentTarget.value === 'above')}
        />
        <NumberInput
          size="xs"
          label={choice.unit || t('review.find.limit')}
          value={value ?? ''}
          onChange={(next) => setValue(typeof next === 'number' ? next : null)}
        />
      </div>
      <Button type="submit" size="compact-sm" disabled={value === null}>
        {t('review.find.next')}
      </Button>
      <p role="status">{said}</p>
    </form>
  );
}

const choicesOf = (player: Player): Choice[] =>
  player.streams('samples').flatMap((stream) =>
    stream.channels.flatMap(({ name, unit, type }, index) =>
      type === 'text'
        ? []
        : [
            {
              stream: stream.id,
              channel: name,
              index,
              unit,
              label: `${nameOf(stream)}: ${channelText({ name, unit })}`,
            },
          ],
    ),
  );

const search = (
  player: Player,
  choice: Choice,
  threshold: { above: boolean; value: number },
): Promise<number | null> => {
  const { stream, channel } = choice;
  const span = (fromNs: number, toNs: number) => ({ stream, fromNs: whole(fromNs), toNs: whole(toNs) });
  return nextCrossing(
    {
      plot: (fromNs, toNs) => player.door.call('review.plot', { ...span(fromNs, toNs), channel, points: POINTS }),
      samples: (fromNs, toNs) => player.door.call('review.samples', { ...span(fromNs, toNs), limit: MOST_SAMPLES }),
    },
    choice.index,
    threshold,
    player.ns,
    player.durationNs,
  );
};
