/** The commands that only add rows to the index: events, clocks, participants, processes. */
import type { IndexWriter } from '../../session/format/indexWriter.ts';
import type { StoreCommand } from './storeApi.ts';

export type LogCommand = Extract<
  StoreCommand,
  { type: 'event' | 'marker' | 'anchor' | 'probes' | 'fit' | 'assignment' | 'process' }
>;

/** @returns a function that writes the rows within the next transaction; it can be called again if that one fails. */
export function logRows(
  command: LogCommand,
  engineRun: number,
  clockNumber: (name: string) => number,
): (index: IndexWriter) => void {
  switch (command.type) {
    case 'event': {
      const { atNs, level, part, code, message } = command;
      return (index) => index.insert('event', { at_ns: atNs, level, part, code, message });
    }
    case 'marker': {
      const { atNs, code, note, author } = command;
      return (index) => index.insert('marker', { at_ns: atNs, code, note, author });
    }
    case 'anchor':
      return (index) => index.insert('anchor', { at_ns: command.atNs, wall_ns: command.wallNs });
    case 'probes': {
      const rows = command.probes.map((p) => ({
        clock: clockNumber(`${p.publisher}/${p.epoch}`),
        engine_run: engineRun,
        wave: p.wave,
        t0_engine_ns: p.t0,
        t1_publisher_ns: p.t1,
        t2_publisher_ns: p.t2,
        t3_engine_ns: p.t3,
      }));
      return (index) => {
        for (const row of rows) index.insert('probe', row);
      };
    }
    case 'fit': {
      const clock = clockNumber(command.fit.clock);
      return (index) => index.fit(clock, command.fit);
    }
    case 'assignment': {
      const { atNs, source, participant, place } = command;
      return (index) => index.insert('assignment', { at_ns: atNs, source, participant, place });
    }
    case 'process': {
      const { atNs, name, pid, event, detail } = command;
      return (index) => index.insert('process', { at_ns: atNs, name, pid, event, detail });
    }
  }
}
