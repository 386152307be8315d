/**
 * The door's upload service. Settings are on disk, keys only in memory, and all network access is in the uploader, a
 * process that is only started once a study is turned on or a person asks for something.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { ApplianceState } from '../../common/applianceState.ts';
import { type FieldroomError, fieldroomError, reportOf } from '../../common/errors.ts';
import {
  type AcceptedRisk,
  type NamedDestination,
  needsKeys,
  type StudyUpload,
  type UploadNeeds,
  type UploadPlan,
  type UploadsState,
  uploadPlanSchema,
} from '../../common/uploads.ts';
import type { Log } from '../log/engineLog.ts';
import type { DestinationKeys, DestinationSettings } from './destination.ts';
import { placeOf } from './destinationNames.ts';
import { journalPath } from './journal.ts';
import type { ToUploader, UploaderPace } from './uploaderMessages.ts';
import { UploaderSupervisor } from './uploaderSupervisor.ts';
import { NO_NEEDS, needsNotice } from './uploadNeeds.ts';
import { UploadSettings } from './uploadSettings.ts';

export interface UploadServiceOptions {
  dataFolder: string;
  log: Log;
  onComplaint: (line: string) => void;
  /** The list of what needs a person changed. */
  onNeeds: () => void;
  pace?: UploaderPace | undefined;
}

export class UploadService {
  readonly uploader: UploaderSupervisor;
  readonly #options: UploadServiceOptions;
  readonly #kitStore: UploadSettings;
  readonly #keys = new Map<string, DestinationKeys>();
  #plan: UploadPlan = uploadPlanSchema.parse({});
  #damage: FieldroomError | null = null;
  #recording = false;
  #needs: UploadNeeds = NO_NEEDS;

  constructor(options: UploadServiceOptions) {
    this.#options = options;
    this.#kitStore = new UploadSettings(options.dataFolder);
    this.uploader = new UploaderSupervisor({
      hello: () => this.#hello(),
      wanted: () => this.#isOn,
      log: options.log,
      onNeeds: (needs) => {
        this.#needs = needs;
        options.onNeeds();
      },
      onComplaint: options.onComplaint,
    });
  }

  /** Uploads that need a person, as last reported by the uploader; empty until one was started. */
  get needs(): UploadNeeds {
    return this.#needs;
  }

  /** The part shown on every page. */
  get notices(): ApplianceState['notices'] {
    const notice = needsNotice(this.#needs);
    return notice ? [{ level: 'warn', code: 'upload.needs-person', ...notice }] : [];
  }

  /** Resumes the last run's uploads, if any study is turned on. */
  start(): void {
    try {
      this.#plan = this.#kitStore.read();
    } catch (error) {
      this.#damage = error as FieldroomError;
      this.#options.log('error', reportOf(error).code, reportOf(error).message);
    }
    if (this.#isOn) this.uploader.start();
  }

  /** A session was sealed or restored. */
  changed(): void {
    this.uploader.tell({ type: 'scan' });
  }

  setRecording(recording: boolean): void {
    if (recording === this.#recording) return;
    this.#recording = recording;
    this.uploader.tell({ type: 'recording', recording });
  }

  /** @throws FieldroomError `upload.plan-damaged`, `upload.stopped` */
  async state(): Promise<UploadsState> {
    if (this.#damage) throw this.#damage;
    const { destinations, studies, bytesPerSecond, paused } = this.#plan;
    const known = this.uploader.pid !== null || existsSync(journalPath(this.#options.dataFolder));
    const queue = known ? await this.uploader.ask('list', {}) : { uploads: [], troubles: [] };
    return {
      destinations: destinations.map((one) => ({
        ...one,
        place: placeOf(one.settings),
        keys: this.#keys.has(one.id) ? 'given' : needsKeys(one) ? 'missing' : 'none',
      })),
      ...{ studies, bytesPerSecond, paused, ...queue },
      recording: this.#recording,
      pid: this.uploader.pid,
    };
  }

  /** @returns its id. @throws FieldroomError `upload.no-destination` */
  saveDestination(id: string | null, name: string, settings: DestinationSettings): string {
    const before = id === null ? null : this.#known(id);
    const next = { id: id ?? `to-${randomBytes(4).toString('hex')}`, name, settings, keyed: before?.keyed ?? false };
    const destinations = this.#plan.destinations.filter((one) => one.id !== next.id);
    this.#decide({ destinations: [...destinations, next].sort((a, b) => a.name.localeCompare(b.name)) });
    return next.id;
  }

  deleteDestination(id: string): void {
    this.#known(id);
    this.#keys.delete(id);
    this.#decide({
      destinations: this.#plan.destinations.filter((one) => one.id !== id),
      studies: this.#plan.studies.map((one) => ({
        ...one,
        destinations: one.destinations.filter((other) => other !== id),
      })),
    });
  }

  setKeys(id: string, keys: DestinationKeys | null): void {
    const given = keys !== null && Object.keys(keys).length > 0;
    const before = this.#known(id);
    if (given) this.#keys.set(id, keys);
    else this.#keys.delete(id);
    if (before.keyed !== given)
      this.#decide({
        destinations: this.#plan.destinations.map((one) => (one.id === id ? { ...one, keyed: given } : one)),
      });
    this.uploader.tell({ type: 'keys', destination: id, keys: given ? keys : null });
  }

  setStudy(study: StudyUpload): void {
    for (const id of study.destinations) this.#known(id);
    if (study.on && study.destinations.length === 0) throw fieldroomError('upload.no-destination:unchosen');
    this.#decide({ studies: [...this.#plan.studies.filter((one) => one.study !== study.study), study] });
  }

  setLimit(bytesPerSecond: number | null): void {
    this.#decide({ bytesPerSecond });
  }

  pauseAll(paused: boolean): void {
    this.#decide({ paused });
  }

  /**
   * Reads all of this session back from its destination.
   * @throws FieldroomError `upload.*` when a file is missing or differs
   */
  prove(folder: string, accept: readonly AcceptedRisk[]): Promise<{ place: string }> {
    return this.uploader.ask('prove', { folder, accept });
  }

  /** The local copy was moved to the trash. */
  async freed(folder: string): Promise<void> {
    await this.uploader.ask('freed', { study: basename(dirname(folder)), session: basename(folder) });
  }

  close(): Promise<void> {
    return this.uploader.stop();
  }

  get #isOn(): boolean {
    return this.#plan.studies.some(({ on }) => on);
  }

  #known(id: string): NamedDestination {
    const found = this.#plan.destinations.find((one) => one.id === id);
    if (found) return found;
    throw fieldroomError('upload.no-destination:list');
  }

  /** On disk before it counts. */
  #decide(change: Partial<UploadPlan>): void {
    if (this.#damage) throw this.#damage;
    const plan = { ...this.#plan, ...change };
    this.#kitStore.write(plan);
    this.#plan = plan;
    this.uploader.tell({ type: 'plan', plan });
    if (this.#isOn) this.uploader.start();
  }

  #hello(): ToUploader[] {
    const { dataFolder, pace = {} } = this.#options;
    return [
      { type: 'start', dataFolder, pace },
      { type: 'recording', recording: this.#recording },
      ...[...this.#keys].map(([destination, keys]): ToUploader => ({ type: 'keys', destination, keys })),
      { type: 'plan', plan: this.#plan },
    ];
  }
}
