/** Reads a WebVTT or SubRip transcript whose cues count from session time 0. */
import { fieldroomError } from '../../common/errors.ts';
import type { ImportedAnnotation, ImportedFile } from './annotation.ts';

const TIMES = /^\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})\s+-->\s+((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})/;

/** @param tier of cues. @throws FieldroomError `import.not-vtt` */
export function readVtt(text: string, path: string, tier: string): ImportedFile {
  const annotations: ImportedAnnotation[] = [];
  const blocks = text
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n')
    .split(/\n[ \t]*\n/);
  let empty = 0;
  for (const block of blocks) {
    const lines = block.split('\n');
    const at = lines.findIndex((line) => line.includes('-->'));
    if (at < 0) continue;
    const found = TIMES.exec(lines[at] as string);
    if (!found) throw fieldroomError('import.not-vtt:cue', { path, cue: (lines[at] as string).slice(0, 80) });
    const raw = lines.slice(at + 1).join('\n');
    const participant = /<v(?:\.[^ >]*)? ([^>]+)>/.exec(raw)?.[1]?.trim() ?? '';
    const plain = plainText(raw.replaceAll(/<[^>]*>/g, '')).trim();
    if (plain === '') {
      empty += 1;
      continue;
    }
    const fromNs = timeNs(found[1] as string);
    annotations.push({ tier, participant, fromNs, toNs: Math.max(fromNs, timeNs(found[2] as string)), text: plain });
  }
  if (annotations.length === 0 && empty === 0) throw fieldroomError('import.not-vtt', { path });
  return { annotations, notes: empty > 0 ? [`${empty} cues without text were left out.`] : [] };
}

function timeNs(text: string): number {
  const [whole, fraction = ''] = text.split(/[.,]/);
  const parts = (whole as string).split(':').map(Number);
  const [seconds = 0, minutes = 0, hours = 0] = parts.reverse();
  return (hours * 3600 + minutes * 60 + seconds) * 1e9 + Number(fraction.padEnd(3, '0')) * 1e6;
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', nbsp: ' ', lrm: '', rlm: '' };
const plainText = (text: string): string => text.replaceAll(/&(\w+);/g, (whole, name: string) => NAMED[name] ?? whole);
