/** The upload settings: `<data>/.fieldroom/uploading.json`. They contain no secret. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldroomError } from '../../common/errors.ts';
import { type UploadPlan, uploadPlanSchema } from '../../common/uploads.ts';
import { writeJson } from '../kitFile.ts';

export class UploadSettings {
  readonly #file: string;

  constructor(dataFolder: string) {
    this.#file = join(dataFolder, '.fieldroom', 'uploading.json');
  }

  /** Without settings nothing is sent. @throws FieldroomError `upload.plan-damaged` */
  read(): UploadPlan {
    if (!existsSync(this.#file)) return uploadPlanSchema.parse({});
    try {
      return uploadPlanSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch (cause) {
      throw fieldroomError('upload.plan-damaged', { file: this.#file }, { cause });
    }
  }

  /** @throws FieldroomError `upload.plan-not-writable` */
  write(plan: UploadPlan): void {
    writeJson(this.#file, plan, 'upload.plan-not-writable');
  }
}
