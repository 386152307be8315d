/** Creates a new driver from the skeleton, which passes the conformance suite before any change. */
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fieldroomError } from '../../electron/common/errors.ts';
import { idSchema } from '../../electron/common/stream.ts';

const SKELETON = 'skeleton';

/**
 * @param root the repository.
 * @returns the files that were created or changed, relative to the root.
 * @throws FieldroomError `driver.bad-name`, `driver.exists`
 */
export async function newDriver(root: string, name: string): Promise<string[]> {
  if (!idSchema.safeParse(name).success || !/^[a-z]/.test(name)) {
    throw fieldroomError('driver.bad-name', { name });
  }
  const folder = join(root, 'devices', 'drivers', name);
  const taken = await access(folder).then(
    () => true,
    () => false,
  );
  if (taken) throw fieldroomError('driver.exists', { name, folder });
  const camel = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const rename = (text: string): string =>
    text
      .replaceAll(`drivers/${SKELETON}/`, `drivers/${name}/`)
      .replaceAll(`'${SKELETON}'`, `'${name}'`)
      .replaceAll(`"${SKELETON}"`, `"${name}"`)
      .replaceAll('Skeleton', `${camel[0]?.toUpperCase()}${camel.slice(1)}`)
      .replaceAll(`${SKELETON}Driver`, `${camel}Driver`)
      .replaceAll(`${SKELETON}Emulator`, `${camel}Emulator`)
      .replaceAll(SKELETON, name);
  const from = join(root, 'devices', 'newDriver', SKELETON);
  await mkdir(folder);
  const made: string[] = [];
  for (const file of await readdir(from)) {
    const to = file === 'fuzz.ts.txt' ? join('test', 'fuzz', `${name}.ts`) : join('devices', 'drivers', name, file);
    await writeFile(join(root, to), rename(await readFile(join(from, file), 'utf8')));
    made.push(to);
  }
  await change(
    root,
    join('devices', 'registry.ts'),
    'registered: readonly Registered[] = [',
    `  { driver: ${camel}Driver, emulator: ${camel}Emulator },`,
    [
      `import { ${camel}Driver } from './drivers/${name}/driver.ts';`,
      `import { ${camel}Emulator } from './drivers/${name}/emulator.ts';`,
    ],
  );
  await change(root, join('test', 'conformance', 'rows.ts'), 'rows: readonly ConformanceRow[] = [', rowOf(name), []);
  return [...made, join('devices', 'registry.ts'), join('test', 'conformance', 'rows.ts')];
}

/** Adds an entry at the end of a list in a file, and imports after the last one. */
async function change(root: string, file: string, list: string, entry: string, imports: string[]): Promise<void> {
  const path = join(root, file);
  const text = await readFile(path, 'utf8');
  const begin = text.indexOf(list);
  const end = begin < 0 ? -1 : text.indexOf('];', begin);
  if (end < 0) throw fieldroomError('driver.no-list', { file, list });
  const before = text.slice(0, end).trimEnd();
  const comma = before.endsWith(',') || before.endsWith('[') ? '' : ',';
  const changed = `${before}${comma}\n${entry}\n${text.slice(end)}`;
  const lastImport = changed.lastIndexOf('\nimport ');
  const at = changed.indexOf('\n', lastImport + 1) + 1;
  await writeFile(
    path,
    imports.length === 0 ? changed : `${changed.slice(0, at)}${imports.join('\n')}\n${changed.slice(at)}`,
  );
}

const rowOf = (name: string): string => `  {
    driver: '${name}',
    kind: 'serial',
    device: { vendorId: '2341', productId: '0043' },
    settings: {},
    faults: {
      corrupt: { name: 'corrupt-checksum', argument: 3 },
      garbage: { name: 'garbage', argument: 60 },
      silent: { name: 'silent', argument: 2500 },
      restart: { name: 'restart' },
      wrongDevice: { name: 'wrong-device' },
    },
  },`;
