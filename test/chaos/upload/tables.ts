/** Campaign figures for people. */
import { markdown } from '../table.ts';
import { KILLED, type UploadCampaign } from './campaign.ts';
import { FAULTS } from './faults.ts';

export function uploadTable({ kills, trials, minutes }: UploadCampaign): string {
  const killRows = KILLED.map((name) => {
    const own = kills.filter(({ storage }) => storage === name);
    const counted = own.length > 0 && own.every((one) => one.wireBytes !== null);
    const wire = sum(own.map((one) => one.wireBytes ?? 0)) / sum(own.map((one) => one.neededBytes));
    return [
      name,
      ...[own.length, sum(own.map((one) => one.kills)), sum(own.map((one) => one.midFile))].map(String),
      counted ? wire.toFixed(2) : '',
      String(sum(own.map((one) => one.faults.length))),
    ];
  });
  const faultRows = FAULTS.filter((kind) => trials.some(({ fault }) => fault === kind)).map((kind) => {
    const own = trials.filter(({ fault }) => fault === kind);
    return [
      kind,
      String(own.length),
      String(sum(own.map(({ done }) => done))),
      counts(own.map(({ ended }) => ended)),
      String(sum(own.map((one) => one.faults.length))),
    ];
  });
  const total = `${sum(kills.map((one) => one.kills))} kills, ${sum(trials.map(({ done }) => done))} faults in ${minutes.toFixed(1)} minutes`;
  return [
    markdown(['storage', 'sessions', 'kills', 'of them in mid-file', 'bytes sent / needed', 'wrong'], killRows),
    '',
    markdown(['fault', 'sessions', 'times done', 'ended', 'wrong'], faultRows),
    '',
    total,
  ].join('\n');
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** `whole (12), upload.credentials (3)` */
const counts = (words: readonly string[]): string =>
  [...new Set(words)].map((word) => `${word} (${words.filter((one) => one === word).length})`).join(', ');
