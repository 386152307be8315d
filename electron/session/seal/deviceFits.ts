/** The lines of every sensor's own clock, stored at sealing: `timed_<stream>` computes each row's time from them. */
import type { Database } from 'better-sqlite3';
import { DeviceFitter, type DeviceTicks } from '../../common/clock/deviceFit.ts';
import { streamSchema } from '../../common/stream.ts';
import { samplesTable } from '../format/sampleTable.ts';

export function storeDeviceFits(db: Database): void {
  const insert = db.prepare(
    'INSERT INTO device_fit (stream, from_seq, to_seq, reference_device, reference_ns, ns_per_tick, uncertainty_ns) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const streams = db.prepare("SELECT id, name, declaration FROM stream WHERE kind = 'samples'").all() as {
    id: number;
    name: string;
    declaration: string;
  }[];
  db.transaction(() => {
    db.prepare('DELETE FROM device_fit').run();
    for (const { id, name, declaration } of streams) {
      const clock = streamSchema.parse(JSON.parse(declaration)).deviceClock;
      if (!clock) continue;
      for (const line of linesOf(db, name, clock)) {
        const { fromSeq, toSeq, referenceDevice, referenceNs, nsPerTick, uncertaintyNs } = line;
        insert.run(id, fromSeq, toSeq, referenceDevice, BigInt(referenceNs), nsPerTick, uncertaintyNs);
      }
    }
  })();
}

/** Each publisher process has a separate clock, and so a separate fit. Rows are processed one at a time. */
function linesOf(db: Database, stream: string, ticks: DeviceTicks): ReturnType<DeviceFitter['lines']> {
  const rows = db
    .prepare(`SELECT seq, clock, publisher_ns, device_time FROM "${samplesTable(stream)}" ORDER BY seq`)
    .raw();
  const fitters: DeviceFitter[] = [];
  let of = Number.NaN;
  for (const row of rows.iterate() as IterableIterator<[number, number, number, number | null]>) {
    const [seq, clock, publisherNs, device] = row;
    if (clock !== of) {
      of = clock;
      fitters.push(new DeviceFitter(ticks));
    }
    fitters.at(-1)?.add(seq, device, publisherNs);
  }
  return fitters.flatMap((fitter) => fitter.lines());
}
