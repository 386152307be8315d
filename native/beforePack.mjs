// electron-builder's hook before it packs the app for one processor. A universal app for macOS is packed once per processor
// and then merged, so each pass needs the Node and livekit-server of that processor. Signing and notarizing need no hook:
// electron-builder does both when its environment variables are set (electron-builder.yml).
import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';

const NAMES = { 1: 'x64', 3: 'arm64' };

/** @param {{electronPlatformName: string, arch: number, packager: {projectDir: string}}} context */
export default async function beforePack({ electronPlatformName, arch, packager }) {
  const name = NAMES[arch];
  if (electronPlatformName !== 'darwin' || !name) return;
  const { projectDir } = packager;
  // Put there by packageParts.mjs: out/bin-x64, out/bin-arm64.
  const from = join(projectDir, 'out', `bin-${name}`);
  for (const [file, to] of [
    ['livekit-server', join('out', 'bin', 'livekit-server')],
    ['fieldroom-bridge', join('out', 'bin', 'fieldroom-bridge')],
    ['node', join('node_modules', 'node', 'bin', 'node')],
  ])
    if (existsSync(join(from, file))) await copyFile(join(from, file), join(projectDir, to));
}
