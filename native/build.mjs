// `npm run build`: rebuilds the bundles in out/.
import { buildApp } from './appBuild.mjs';
import { tellError } from './setupError.mjs';

await buildApp().catch((error) => {
  process.exitCode = tellError(error);
});
