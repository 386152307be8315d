// Writes SHA256SUMS for the packages in a folder: node native/hashes.mjs dist
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from './nodeRuntime.mjs';

const PACKAGE = /\.(AppImage|deb|tar\.gz|exe|zip|dmg)$/;

const folder = process.argv[2] ?? 'dist';
const names = readdirSync(folder).filter((name) => PACKAGE.test(name));
const lines = [];
for (const name of names.sort()) lines.push(`${await sha256Of(join(folder, name))}  ${name}`);
writeFileSync(join(folder, 'SHA256SUMS'), `${lines.join('\n')}\n`);
process.stdout.write(`${lines.join('\n')}\n`);
