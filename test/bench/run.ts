/**
 * `npm run bench -- NAME [options]`: runs one benchmark of this folder in this process. Without a name: prints the list.
 */
import { readdirSync } from 'node:fs';
import process from 'node:process';

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -3))
  .sort();
const [name] = process.argv.slice(2);

if (name && names.includes(name)) {
  process.argv.splice(2, 1);
  await import(`./${name}.ts`);
} else {
  process.stdout.write(`${name ? `There is no benchmark "${name}". ` : ''}Benchmarks: ${names.join(', ')}\n`);
  process.exitCode = name ? 2 : 0;
}
