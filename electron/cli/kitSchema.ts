import { z } from 'zod';
import { kitSchema } from '../common/kit.ts';

/** The kit's schema for editors, as they read it: what has a default may be left out. */
export function kitJsonSchema(): object {
  return { title: 'Fieldroom kit', ...z.toJSONSchema(kitSchema, { io: 'input' }) };
}
