/** Finds and queues the sealed sessions of studies with uploading turned on. */
import { basename, dirname } from 'node:path';
import { type ErrorReport, reportOf } from '../../common/errors.ts';
import type { UploadPlan } from '../../common/uploads.ts';
import { annotationsPath, copyAnnotations } from '../../session/annotationsCopy.ts';
import { statInside } from '../../session/folder/files.ts';
import { MANIFEST, readManifest } from '../../session/format/manifest.ts';
import { ANNOTATIONS } from '../../session/format/names.ts';
import { sessionFolders } from '../../session/read/sessionFolders.ts';
import { placeOf } from './destinationNames.ts';
import type { Journal, UploadRow } from './journal.ts';
import { queueSession } from './queueSession.ts';

export interface ScanTrouble {
  study: string;
  session: string;
  error: ErrorReport;
}

export class UploadScan {
  readonly #dataFolder: string;
  readonly #journal: Journal;
  /** Folders and destinations already checked, with the manifest's time: most sessions are queued already. */
  readonly #seen = new Map<string, number>();
  readonly #troubles = new Map<string, ScanTrouble>();

  constructor(dataFolder: string, journal: Journal) {
    this.#dataFolder = dataFolder;
    this.#journal = journal;
  }

  /** Sessions that cannot be sent as they are. */
  get troubles(): ScanTrouble[] {
    return [...this.#troubles.values()];
  }

  /** @returns how many uploads are new */
  run(plan: UploadPlan): number {
    const places = new Map(plan.destinations.map(({ id, settings }) => [id, settings]));
    const wanted = new Map(plan.studies.filter(({ on }) => on).map(({ study, destinations }) => [study, destinations]));
    this.#troubles.clear();
    let added = 0;
    for (const folder of wanted.size > 0 ? sessionFolders(this.#dataFolder) : [])
      for (const id of wanted.get(basename(dirname(folder))) ?? []) {
        const settings = places.get(id);
        if (!settings) continue;
        const session = basename(folder);
        const study = basename(dirname(folder));
        const place = placeOf(settings);
        const mark = `${folder}\n${place}`;
        try {
          const atMs = statInside(folder, MANIFEST)?.mtimeMs ?? 0;
          const before = this.#journal.find(study, session, place);
          if (before?.state === 'done' && this.#hasNewAnnotations(folder, before)) {
            this.#journal.setState(before.id, 'queued');
            added += 1;
          }
          if (this.#seen.get(mark) === atMs && before && before.state !== 'freed') continue;
          if (readManifest(folder)?.state !== 'sealed') continue;
          const row = queueSession(this.#journal, folder, settings);
          // Restored from the trash.
          if (row.state === 'freed') this.#journal.setState(row.id, 'done');
          if (row.id !== before?.id) added += 1;
          this.#seen.set(mark, atMs);
        } catch (error) {
          this.#troubles.set(folder, { study, session, error: reportOf(error) });
        }
      }
    return added;
  }

  /** Annotations changed after the upload: upload them too. */
  #hasNewAnnotations(folder: string, { id }: UploadRow): boolean {
    const atMs = statInside(folder, ANNOTATIONS)?.mtimeMs;
    const mark = `${id}\n${ANNOTATIONS}`;
    if (atMs === undefined || this.#seen.get(mark) === atMs) return false;
    this.#seen.set(mark, atMs);
    const copy = copyAnnotations(folder);
    return copy !== null && this.#journal.file(id, annotationsPath(copy))?.state !== 'verified';
  }
}
