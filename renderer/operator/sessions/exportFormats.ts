/** Names of formats for the people who use them. A format without a text is shown by its id. */
import { t, type WordKey } from '../../components/words.ts';

const WORDS: Readonly<Record<string, WordKey>> = {
  csv: 'export.format.csv',
  elan: 'export.format.elan',
  eaf: 'export.format.elan',
  srt: 'export.format.srt',
  vtt: 'export.format.srt',
  wav: 'export.format.wav',
  mp4: 'export.format.mp4',
  bids: 'export.format.bids',
  edf: 'export.format.edf',
  parquet: 'export.format.parquet',
  grid: 'export.format.grid',
  clip: 'export.format.clip',
  praat: 'export.format.praat',
  boris: 'export.format.boris',
};

export const formatName = (id: string): string => (WORDS[id] ? t(WORDS[id]) : id);
