/** The possible wearers: the study's roster without those absent today, plus anyone named in the kit. */
import { createContext } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import { absentOn, type Study } from '../../../electron/common/study.ts';

export interface Roster {
  present: readonly string[];
  absent: ReadonlySet<string>;
}

export const RosterContext = createContext<Roster>({ present: [], absent: new Set() });

export function rosterOf(study: Study | null, sources: ApplianceState['sources'], day: string): Roster {
  const absent: ReadonlySet<string> = study ? absentOn(study, day) : new Set();
  const listed = study?.participants.map(({ id }) => id) ?? [];
  const named = sources.flatMap(({ participant }) => (participant === null ? [] : [participant]));
  const present = [...new Set([...listed, ...named])].filter((id) => !absent.has(id));
  return { present: present.sort((a, b) => a.localeCompare(b, undefined, { numeric: true })), absent };
}
