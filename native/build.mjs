// `npm run build`: the bundles in out/, made anew.
import { buildApp } from './appBuild.mjs';
import { tellError } from './setupError.mjs';

await buildApp().catch((error) => {
  process.exitCode = tellError(error);
});
