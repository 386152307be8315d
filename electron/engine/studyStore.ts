/** The studies of a data folder: each is a folder, with the sessions' common properties in `study.json`. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldroomError } from '../common/errors.ts';
import { idSchema } from '../common/stream.ts';
import { type Study, studySchema, TEST_STUDY } from '../common/study.ts';
import { writeJson } from './kitFile.ts';

const FILE = 'study.json';

export class StudyStore {
  readonly #dataFolder: string;

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  /** Ids of all studies, also of those that have sessions and no `study.json` yet. */
  ids(): string[] {
    return readdirSync(this.#dataFolder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && idSchema.safeParse(entry.name).success && entry.name !== TEST_STUDY)
      .map(({ name }) => name)
      .sort();
  }

  /** A study without `study.json` is empty and uses its id as its name. @throws FieldroomError `study.damaged` */
  read(id: string): Study {
    const file = join(this.#dataFolder, id, FILE);
    if (!existsSync(file)) return studySchema.parse({ id, name: id });
    try {
      return studySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch (cause) {
      throw fieldroomError('study.damaged', { file }, { cause });
    }
  }

  /** @throws FieldroomError `study.not-writable` */
  save(study: Study): void {
    mkdirSync(join(this.#dataFolder, study.id), { recursive: true });
    writeJson(join(this.#dataFolder, study.id, FILE), study, 'study.not-writable');
  }
}
