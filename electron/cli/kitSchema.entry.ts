/** Writes `resources/kit.schema.json`. Run it after changing `kit.ts`; a test compares the two. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kitJsonSchema } from './kitSchema.ts';

const path = fileURLToPath(new URL('../../resources/kit.schema.json', import.meta.url));
writeFileSync(path, `${JSON.stringify(kitJsonSchema(), null, 2)}\n`);
