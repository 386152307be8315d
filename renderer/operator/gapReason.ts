/** Why data is missing, in plain words. */
import { t, type WordKey } from '../components/words.ts';

const REASONS: Readonly<Record<string, WordKey>> = {
  paused: 'gap.paused',
  'queue-full': 'gap.tooSlow',
  'encoder-dropped': 'gap.tooSlow',
  'cannot-encode': 'gap.cannotEncode',
  'frames-lost': 'gap.framesLost',
  'device-lost': 'gap.deviceLost',
  'device-busy': 'gap.deviceBusy',
  'device-restart': 'gap.deviceRestart',
  'device-dropped': 'gap.deviceDropped',
  'device-skipped': 'gap.deviceDropped',
  'strap-restarted': 'gap.deviceRestart',
  'missed-beats': 'gap.missedBeats',
  'lost-packet': 'gap.radio',
  dropout: 'gap.radio',
  'not-allowed': 'gap.notAllowed',
  frozen: 'gap.frozen',
  silent: 'gap.silent',
  flood: 'gap.flood',
  checksum: 'gap.unreadable',
  garbage: 'gap.unreadable',
  malformed: 'gap.unreadable',
  unreadable: 'gap.unreadable',
  'bad-line': 'gap.unreadable',
  'bad-json': 'gap.unreadable',
  'corrupt-checksum': 'gap.unreadable',
  'partial-first-line': 'gap.partialLine',
  'sensor-failed': 'gap.sensorFailed',
  settings: 'gap.settings',
  'publisher-restarted': 'gap.restarted',
  'process-restarted': 'gap.restarted',
  suspended: 'gap.asleep',
  stalled: 'gap.stalled',
  'disk-full': 'gap.diskFull',
  damaged: 'gap.damaged',
  lost: 'gap.unknown',
};

/** @param cause code of a gap; an unknown one is shown with spaces */
export function gapReason(cause: string): string {
  const key = REASONS[cause];
  return key ? t(key) : cause.replaceAll('-', ' ');
}
