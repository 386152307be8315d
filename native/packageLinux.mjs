// Makes the .tar.gz and the .deb of the unpacked app with tools that every Debian has; downloads nothing.
import { chmod, cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageJson, pins, root } from './locate.mjs';
import { debianVersion, mark } from './packageParts.mjs';
import { runTool } from './progress.mjs';

const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch] ?? process.arch;
/** Where the .deb installs the app. */
const HOME = '/opt/fieldroom';
const NODE = `${HOME}/resources/app.asar.unpacked/node_modules/node/bin/node`;
const CLI = `${HOME}/resources/app.asar.unpacked/electron/cli/cli.entry.ts`;
const tool = {
  code: 'package.linux',
  nextStep: 'Check that the disk has 2 GB free and that tar and dpkg-deb are installed.',
};

/** @returns the file's path */
export async function makeTarGz(app, output, facts) {
  const name = `fieldroom-${facts.version}-linux-${process.arch}${mark(facts)}`;
  const file = join(output, `${name}.tar.gz`);
  await rm(file, { force: true });
  const flags = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', `--transform=s,^\\.,${name},`];
  await runTool('tar', ['-C', app, ...flags, '-czf', file, '.'], tool);
  return file;
}

/** @returns the file's path */
export async function makeDeb(app, output, facts, note) {
  const version = debianVersion(facts);
  const stage = join(output, '.deb');
  await rm(stage, { recursive: true, force: true });
  await mkdir(join(stage, 'opt'), { recursive: true });
  note('copying files');
  await cp(app, join(stage, HOME), { recursive: true, verbatimSymlinks: true });
  await layOut(stage);
  await everyoneMayRead(stage);
  // Chromium's sandbox helper for systems without unprivileged user namespaces: it must be owned by root and set-uid.
  await chmod(join(stage, HOME, 'chrome-sandbox'), 0o4755);
  await mkdir(join(stage, 'DEBIAN'));
  await writeFile(join(stage, 'DEBIAN', 'control'), control(version, await sizeKiB(stage)));
  note('compressing');
  const file = join(output, `fieldroom_${version.replace('~', '-')}_${arch}.deb`);
  await rm(file, { force: true });
  await runTool('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', stage, file], tool);
  await rm(stage, { recursive: true, force: true });
  return file;
}

async function layOut(stage) {
  const put = async (path, content, mode = 0o644) => {
    const to = join(stage, path);
    await mkdir(join(to, '..'), { recursive: true });
    await (typeof content === 'string' ? writeFile(to, content, { mode }) : cp(content.from, to));
  };
  await put('usr/share/applications/fieldroom.desktop', desktopEntry());
  await put('usr/share/mime/packages/fieldroom.xml', mimeTypes());
  await put('usr/share/icons/hicolor/512x512/apps/fieldroom.png', {
    from: join(root, 'resources', 'icons', 'icon.png'),
  });
  await put('usr/lib/udev/rules.d/70-fieldroom.rules', { from: join(root, 'resources', 'udev', '70-fieldroom.rules') });
  await put('usr/share/doc/fieldroom/copyright', await readFile(join(root, 'LICENSE'), 'utf8'));
  // The command line uses the shipped Node, because the machine's own may be too old or missing.
  await put(`${HOME}/fieldroom-cli`, `#!${NODE}\nimport('${CLI}');\n`, 0o755);
  await mkdir(join(stage, 'usr', 'bin'), { recursive: true });
  await symlink(`${HOME}/fieldroom`, join(stage, 'usr', 'bin', 'fieldroom'));
  await symlink(`${HOME}/fieldroom-cli`, join(stage, 'usr', 'bin', 'fieldroom-cli'));
}

const control = (version, size) =>
  `${[
    'Package: fieldroom',
    `Version: ${version}`,
    `Architecture: ${arch}`,
    'Maintainer: The Fieldroom authors <fieldroom@localhost>',
    `Installed-Size: ${size}`,
    `Depends: ${pins.debian.system.map((names) => names.replaceAll('|', ' | ')).join(', ')}`,
    'Recommends: xvfb',
    'Section: education',
    'Priority: optional',
    'Description: Records a classroom offline, on one clock, into plain files',
    ` ${packageJson.description}.`,
  ].join('\n')}\n`;

const desktopEntry = () =>
  `${[
    '[Desktop Entry]',
    'Type=Application',
    'Name=Fieldroom',
    'Comment=Records a classroom offline',
    `Exec=${HOME}/fieldroom %U`,
    'Icon=fieldroom',
    'Terminal=false',
    'Categories=Education;AudioVideo;Science;',
    'MimeType=application/x-fieldroom-kit;application/x-fieldroom-session;x-scheme-handler/fieldroom;',
    'StartupWMClass=Fieldroom',
  ].join('\n')}\n`;

const mimeTypes = () => `<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="application/x-fieldroom-kit">
    <comment>Fieldroom kit</comment>
    <glob pattern="*.fieldroom-kit"/>
  </mime-type>
  <mime-type type="application/x-fieldroom-session">
    <comment>Fieldroom session</comment>
    <glob pattern="*.fieldroom"/>
  </mime-type>
</mime-info>
`;

/** The clone may belong to a user whose umask hides new files from everyone else. */
async function everyoneMayRead(path) {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const full = join(path, entry.name);
    if (entry.isSymbolicLink()) continue;
    const { mode } = await stat(full);
    await chmod(full, entry.isDirectory() || mode & 0o100 ? 0o755 : 0o644);
    if (entry.isDirectory()) await everyoneMayRead(full);
  }
}

async function sizeKiB(path) {
  let bytes = 0;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return Math.ceil(bytes / 1024);
}
