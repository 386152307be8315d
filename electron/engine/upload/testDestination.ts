/** Writes, reads back and removes a small object, so that errors are found before a session is uploaded. */
import { createHash, randomBytes } from 'node:crypto';
import { FieldroomError } from '../../common/errors.ts';
import { MemoryContent } from './content.ts';
import type { Destination } from './destination.ts';
import { MemoryProgress } from './fileProgress.ts';
import { readBack } from './readBack.ts';
import { trouble } from './uploadErrors.ts';

export interface TestStep {
  name: 'write' | 'read back' | 'remove';
  error?: FieldroomError;
}

/** The result of each step; stops at the first failure. A server that cannot remove objects is still usable. */
export async function testDestination(destination: Destination, signal: AbortSignal): Promise<TestStep[]> {
  const bytes = randomBytes(4096);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const object = { key: `.fieldroom-test-${randomBytes(6).toString('hex')}`, bytes: bytes.length, sha256 };
  const steps: TestStep[] = [];
  const step = async <T>(name: TestStep['name'], work: () => Promise<T>): Promise<T | null> => {
    try {
      const result = await work();
      steps.push({ name });
      return result;
    } catch (error) {
      const known =
        error instanceof FieldroomError
          ? error
          : trouble('refused', destination.place, String(error), { cause: error });
      steps.push({ name, error: known });
      return null;
    }
  };
  const job = { object, content: new MemoryContent(bytes), progress: new MemoryProgress(), signal };
  const location = await step('write', () => destination.send(job));
  if (location === null) return steps;
  await step('read back', () => readBack(destination, object, location));
  await step('remove', () => destination.remove(location));
  return steps;
}
