import { z } from 'zod';
import { kitSchema } from '../common/kit.ts';

/** The kit's JSON schema for editors: fields with a default are optional. */
export function kitJsonSchema(): object {
  return { title: 'Fieldroom kit', ...z.toJSONSchema(kitSchema, { io: 'input' }) };
}
