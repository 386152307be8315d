/** Reads an ELAN file (EAF 2.6 to 3.0), including hand-edited ones. */
import { SaxesParser } from 'saxes';
import { fieldroomError } from '../../common/errors.ts';
import { RECORDED_TYPE } from '../formats/eaf.ts';
import type { ImportedFile } from './annotation.ts';

interface Raw {
  id: string;
  tier: string;
  from: string;
  to: string;
  /** For a reference annotation: the annotation that gives its time. */
  parent: string;
  text: string;
}

/** @throws FieldroomError `import.not-eaf` with the line number */
export function readEaf(text: string, path: string): ImportedFile {
  const slots = new Map<string, number | null>();
  const tiers = new Map<string, { participant: string; type: string }>();
  const raw: Raw[] = [];
  let [tier, isRoot] = ['', false];
  let open: Raw | null = null;
  let inValue = false;
  const parser = new SaxesParser();
  const stop = (reason: string): never => {
    throw fieldroomError('import.not-eaf', { path, line: parser.line, reason });
  };
  parser.on('error', (error) => stop(error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')));
  parser.on('opentag', ({ name, attributes }) => {
    const at = attributes as Record<string, string>;
    if (name === 'ANNOTATION_DOCUMENT') isRoot = true;
    else if (!isRoot) stop('the file does not begin with ANNOTATION_DOCUMENT');
    if (name === 'TIME_SLOT') {
      const ms = at.TIME_VALUE === undefined ? null : Number(at.TIME_VALUE);
      if (ms !== null && !Number.isFinite(ms)) stop(`the time "${at.TIME_VALUE}" is not a number`);
      slots.set(at.TIME_SLOT_ID ?? '', ms);
    } else if (name === 'TIER') {
      tier = at.TIER_ID ?? '';
      tiers.set(tier, { participant: at.PARTICIPANT ?? '', type: at.LINGUISTIC_TYPE_REF ?? '' });
    } else if (name === 'ALIGNABLE_ANNOTATION' || name === 'REF_ANNOTATION')
      open = {
        id: at.ANNOTATION_ID ?? '',
        tier,
        from: at.TIME_SLOT_REF1 ?? '',
        to: at.TIME_SLOT_REF2 ?? '',
        parent: at.ANNOTATION_REF ?? '',
        text: '',
      };
    else if (name === 'ANNOTATION_VALUE') inValue = true;
  });
  parser.on('text', (value) => {
    if (inValue && open) open.text += value;
  });
  parser.on('closetag', ({ name }) => {
    if (name === 'ANNOTATION_VALUE') inValue = false;
    else if (open && (name === 'ALIGNABLE_ANNOTATION' || name === 'REF_ANNOTATION')) {
      raw.push(open);
      open = null;
    }
  });
  parser.write(text).close();
  if (!isRoot) stop('the file is empty');
  return build(raw, tiers, slots, stop);
}

function build(
  raw: readonly Raw[],
  tiers: Map<string, { participant: string; type: string }>,
  slots: Map<string, number | null>,
  stop: (reason: string) => never,
): ImportedFile {
  const byId = new Map(raw.map((one) => [one.id, one]));
  fillSlots(raw, slots);
  const spanOf = (one: Raw, depth = 0): [number, number] => {
    if (one.parent !== '') {
      const parent = byId.get(one.parent);
      if (!parent || depth > 100) return stop(`annotation ${one.id} refers to ${one.parent}, which is missing`);
      return spanOf(parent, depth + 1);
    }
    const [from, to] = [slots.get(one.from), slots.get(one.to)];
    if (from === null || from === undefined || to === null || to === undefined)
      return stop(`annotation ${one.id} has no time`);
    return [from * 1e6, Math.max(from, to) * 1e6];
  };
  const recorded = new Set<string>();
  const annotations = raw.flatMap((one) => {
    const { participant = '', type = '' } = tiers.get(one.tier) ?? {};
    if (type === RECORDED_TYPE) {
      recorded.add(one.tier);
      return [];
    }
    const [fromNs, toNs] = spanOf(one);
    return [{ tier: one.tier, participant, fromNs, toNs, text: one.text }];
  });
  const notes =
    recorded.size > 0 ? [`Tiers that Fieldroom wrote were not read back: ${[...recorded].join(', ')}.`] : [];
  return { annotations, notes };
}

/** Time slots without a time are spaced evenly between their neighbours, as in ELAN. */
function fillSlots(raw: readonly Raw[], slots: Map<string, number | null>): void {
  const chains = new Map<string, string[]>();
  for (const { tier, from, to, parent } of raw) {
    if (parent !== '') continue;
    const chain = chains.get(tier) ?? [];
    chains.set(tier, chain);
    for (const id of [from, to]) if (chain.at(-1) !== id) chain.push(id);
  }
  for (const chain of chains.values())
    for (let i = 0; i < chain.length; i += 1) {
      if (slots.get(chain[i] as string) !== null) continue;
      let end = i;
      while (end < chain.length && slots.get(chain[end] as string) === null) end += 1;
      const before = i > 0 ? slots.get(chain[i - 1] as string) : undefined;
      const after = end < chain.length ? slots.get(chain[end] as string) : undefined;
      if (before === null || before === undefined || after === null || after === undefined) return;
      for (let k = i; k < end; k += 1)
        slots.set(chain[k] as string, before + ((after - before) * (k - i + 1)) / (end - i + 1));
      i = end;
    }
}
