/** Details of the current or next session: kept here until Record is pressed, then by the recorder. */
import { useEffect, useState } from 'react';
import type { SessionState } from '../../../electron/common/applianceState.ts';
import type { Actions } from '../useActions.ts';
import { type Details, NO_DETAILS } from './DetailsFields.tsx';

export interface DetailsEdit {
  details: Details;
  save: (details: Details) => void;
  /** Sends the details entered before Record was pressed. */
  begin: (key: string) => void;
}

/** Survives a visit to another page. */
let draft: Details = NO_DETAILS;

export function useDetails(session: SessionState | null, { call }: Actions): DetailsEdit {
  const key = session?.key ?? null;
  const [known, setKnown] = useState<{ key: string | null; details: Details }>({ key: null, details: draft });
  useEffect(() => {
    if (key === null) return setKnown({ key: null, details: draft });
    void call('sessions.list', {}).then((list) => {
      const entry = list?.sessions.find((one) => one.key === key);
      if (entry) setKnown({ key, details: { name: entry.name, notes: entry.notes, fields: entry.fields } });
    });
  }, [key, call]);
  const describe = (of: string, details: Details): void => {
    setKnown({ key: of, details });
    void call('sessions.describe', { key: of, ...details, fields: { ...details.fields } });
  };
  return {
    details: known.key === key ? known.details : NO_DETAILS,
    save: (details) => {
      if (key !== null) return describe(key, details);
      draft = details;
      setKnown({ key: null, details });
    },
    begin: (of) => {
      const said = draft;
      // Condition and teacher are kept for the next session; a name belongs to one session.
      draft = { ...draft, name: '', notes: '' };
      if (said.notes !== '' || Object.keys(said.fields).length > 0) describe(of, said);
    },
  };
}
