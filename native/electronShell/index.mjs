// The `resources/app` of the fallback Electron: loads the app named on the command line, as Electron's own default app does.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const require = createRequire(import.meta.url);
const modules = [];
let named;
const args = process.argv.slice(1);
for (let i = 0; i < args.length; i += 1) {
  const arg = args[i];
  if (arg === '-r' || arg === '--require') {
    i += 1;
    modules.push(args[i]);
  } else if (!arg.startsWith('-')) {
    named = arg;
    break;
  }
}

if (!named) {
  process.stderr.write('No app is named on the command line: electron FOLDER-OR-FILE\n');
  app.exit(1);
} else {
  const path = resolve(named);
  if (!existsSync(path)) {
    process.stderr.write(`There is no app at ${path}\n`);
    app.exit(1);
  } else {
    Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true });
    for (const name of modules) require(resolve(name));
    const folder = statSync(path).isDirectory() ? path : undefined;
    let entry = path;
    if (folder) {
      const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      app.setVersion(about.version ?? '0.0.0');
      app.setName(about.productName ?? about.name ?? 'Electron');
      entry = join(folder, about.main ?? 'index.js');
    }
    app.setPath('userData', join(app.getPath('appData'), app.getName()));
    app.setAppPath(folder ?? dirname(path));
    await import(pathToFileURL(entry).href);
  }
}
