/** The user's actions in the window, one at a time; an error is shown until it is closed or another action starts. */
import { useMemo, useState } from 'react';
import type { CallInput, CallName, CallOutput } from '../../electron/common/door.ts';
import { type ErrorReport, FieldroomError, reportOf } from '../../electron/common/errors.ts';
import type { Kit } from '../../electron/common/kit.ts';
import { bridge } from '../components/bridge.ts';
import { useStore } from './useStore.ts';

export interface Actions {
  /** Null: it was rejected, and the error is shown. */
  call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N> | null>;
  /** Runs any work of a page; null: it failed, and the error is shown. */
  attempt<T>(work: () => Promise<T>): Promise<T | null>;
  openKit: () => void;
  /** Asks the user for a kit file and copies it; null: cancelled or rejected. */
  importKit: () => Promise<true | null>;
  /** Asks the user for a location and writes the kit there; null: cancelled or rejected. */
  exportKit: (kit: Kit) => Promise<true | null>;
  openFolder: (path: string) => void;
  /** A request has not been answered yet. */
  busy: boolean;
  trouble: ErrorReport | null;
  forgetTrouble: () => void;
}

export function useActions(): Actions {
  const store = useStore();
  const [pending, setPending] = useState(0);
  const [trouble, setTrouble] = useState<ErrorReport | null>(null);
  const parts = useMemo(() => {
    const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
      setPending((count) => count + 1);
      try {
        const result = await work();
        setTrouble(null);
        return result;
      } catch (error) {
        setTrouble(reportOf(error));
        return null;
      } finally {
        setPending((count) => count - 1);
      }
    };
    return {
      attempt,
      call: <N extends CallName>(name: N, input: CallInput<N>) => attempt(() => store.client.call(name, input)),
      openFolder: (path: string) => void attempt(() => bridge().openFolder(path)),
      openKit: () => {
        void attempt(async () => {
          const reply = await bridge().chooseKit();
          if (!reply.ok) throw FieldroomError.from(reply.error as ErrorReport);
          if (reply.value) await store.client.call('kit.load', reply.value);
        });
      },
      importKit: () =>
        attempt(async () => {
          const reply = await bridge().chooseKit();
          if (!reply.ok) throw FieldroomError.from(reply.error as ErrorReport);
          if (!reply.value) return null;
          await store.client.call('kit.save', { kit: reply.value.kit, path: null });
          return true;
        }),
      exportKit: (kit: Kit) =>
        attempt(async () => {
          const reply = await bridge().exportKit(kit);
          if (!reply.ok) throw FieldroomError.from(reply.error as ErrorReport);
          return reply.value.written ? true : null;
        }),
      forgetTrouble: () => setTrouble(null),
    };
  }, [store]);
  return { ...parts, busy: pending > 0, trouble };
}
