// The software bill of materials (CycloneDX) of a package: npm's list plus the parts npm does not know.
import { writeFile } from 'node:fs/promises';
import { findPinnedLivekit, onPath, pins } from './locate.mjs';
import { bundledPackages } from './notices.mjs';
import { runNpm } from './npm.mjs';
import { runTool } from './progress.mjs';

/** Writes it for the build that `facts` describes (packageParts.mjs). */
export async function writeSbom(file, facts) {
  const sbom = JSON.parse(
    await runNpm(['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'], {
      code: 'package.sbom',
      nextStep: 'Run `npm ci`, then start again.',
    }),
  );
  const known = new Set(sbom.components.map(({ purl }) => purl));
  const more = [
    ...bundledPackages().map(npmComponent),
    {
      type: 'framework',
      name: 'electron',
      version: facts.electron.version,
      purl: `pkg:npm/electron@${facts.electron.version}`,
      properties: [{ name: 'fieldroom:from', value: facts.electron.from }],
    },
    {
      type: 'application',
      name: 'node',
      version: facts.node.version,
      purl: `pkg:generic/node@${facts.node.version}`,
      hashes: [{ alg: 'SHA-256', content: facts.node.sha256 }],
    },
    ...(await goComponents()),
  ].filter(({ purl }) => !known.has(purl));
  Object.assign(sbom.metadata.component, { type: 'application', name: facts.name });
  sbom.components.push(...more.map((component) => ({ 'bom-ref': component.purl, ...component })));
  await writeFile(file, `${JSON.stringify(sbom, undefined, 1)}\n`);
}

function npmComponent({ name, version, licence }) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { type: 'library', name, version, purl, ...(licence && { licenses: [{ expression: licence }] }) };
}

/** The modules linked into livekit-server, from its build information; without Go only the server itself. */
async function goComponents() {
  const { version } = pins.livekitServer;
  const server = {
    type: 'application',
    name: 'livekit-server',
    version,
    purl: `pkg:golang/github.com/livekit/livekit-server@v${version}`,
  };
  const [go, found] = [onPath('go'), findPinnedLivekit()];
  if (!go || !found) return [server];
  const told = await runTool(go, ['version', '-m', found.executable], { code: 'package.sbom', nextStep: '' }).catch(
    () => '',
  );
  const modules = [...told.matchAll(/^\tdep\t(\S+)\t(\S+)/gm)].map(([, name, of]) => ({
    type: 'library',
    name,
    version: of,
    purl: `pkg:golang/${name}@${of}`,
  }));
  return [server, ...modules];
}
