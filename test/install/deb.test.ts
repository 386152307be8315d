/**
 * The .deb in a minimal Debian: installed with apt, started as its user from the command line and from the menu, a
 * simulated classroom recorded and verified, and the package removed. Run after `npm run package`.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifySession } from '../../electron/session/check/verify.ts';
import { freshRoot } from '../../native/debianRoot.mjs';
import { cacheFolder } from '../../native/locate.mjs';

const DIST = resolve(import.meta.dirname, '../../dist');
const work = mkdtempSync(join(tmpdir(), 'fr-deb-'));
/** The app's dependencies as packages, cached for the next run. */
const archives = join(cacheFolder(), 'apt-archives');
/** Overlay with what was written in the system; the root folder itself is unchanged. */
const upper = join(work, 'upper');

/** Positional: root, work, archives, then the command. Its root is the top of the mount tree, as on a real machine. */
const ENTER = `
root=$1 work=$2 archives=$3; shift 3
mkdir -p "$work/upper" "$work/under" "$work/root"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/upper,workdir=$work/under" "$work/root"
cd "$work/root"
mkdir -p old out var/cache/apt/archives
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs tmpfs dev/shm
mount -t tmpfs tmpfs tmp -o mode=1777
mount --bind "$archives" var/cache/apt/archives
mount --bind "$work/out" out
cp /etc/resolv.conf etc/resolv.conf
pivot_root . old
umount -l /old
rmdir /old
exec "$@"
`;

function run(line: string, user = 'root'): { code: number | null; text: string } {
  const words = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', 'sh', '-ec', ENTER, 'sh'];
  const command = user === 'root' ? ['sh', '-c', line] : ['su', '-', user, '-c', line];
  const { status, stdout, stderr } = spawnSync('unshare', [...words, freshRoot(), work, archives, ...command], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, text: `${stdout}\n${stderr}` };
}

beforeAll(() => {
  const deb = readdirSync(DIST).find((name) => name.endsWith('.deb'));
  if (!deb) throw new Error(`no .deb in ${DIST}: run \`npm run package\` first`);
  mkdirSync(join(work, 'out'));
  mkdirSync(archives, { recursive: true });
  copyFileSync(join(DIST, deb), join(work, 'out', 'fieldroom.deb'));
  const { code, text } = run('apt-get update -q && apt-get install -q -y /out/fieldroom.deb desktop-file-utils');
  if (code !== 0) throw new Error(text.slice(-4000));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

it('has its dependencies, a valid menu entry, and its hashes and notices', () => {
  expect(run('desktop-file-validate /usr/share/applications/fieldroom.desktop')).toMatchObject({ code: 0 });
  expect(run('ldd /opt/fieldroom/fieldroom | grep "not found"').code).toBe(1);
  const resources = join(upper, 'opt/fieldroom/resources');
  const sbom = JSON.parse(readFileSync(join(resources, 'sbom.cdx.json'), 'utf8')) as {
    bomFormat: string;
    components: { name: string }[];
  };
  expect(sbom.bomFormat).toBe('CycloneDX');
  const names = sbom.components.map(({ name }) => name);
  for (const part of ['better-sqlite3', 'electron', 'node', 'livekit-server', 'react']) expect(names).toContain(part);
  expect(existsSync(join(resources, 'THIRD_PARTY_NOTICES.md'))).toBe(true);
  // A package with anything but the pinned originals says so in its version.
  const { official } = JSON.parse(readFileSync(join(resources, 'build.json'), 'utf8')) as { official: boolean };
  const { text } = run('dpkg -s fieldroom | grep ^Version');
  expect(text.includes('~test')).toBe(!official);
});

it('records a simulated classroom as an ordinary user without a display, and both verify and this test find it whole', async () => {
  const kit = '/opt/fieldroom/resources/kits/simulated.json';
  const { code, text } = run(`fieldroom-cli record --kit ${kit} --for 8s --json`, 'pupil');
  expect(code, text.slice(-3000)).toBe(0);
  const summary = JSON.parse(text.split('\n').findLast((line) => line.startsWith('{')) ?? '') as {
    session: string;
    streams: { id: string; kind: string; count: number }[];
  };
  expect(summary.streams.filter(({ kind }) => kind === 'video').length).toBeGreaterThan(1);
  for (const { id, count } of summary.streams) expect(count, id).toBeGreaterThan(5);
  expect(run(`fieldroom-cli verify ${summary.session}`, 'pupil')).toMatchObject({ code: 0 });
  expect(await verifySession(join(upper, summary.session))).toMatchObject({ findings: [], ok: true, sealed: true });
});

it('starts from the menu in its sandbox, and quits on request', () => {
  const [exec = ''] = readFileSync(join(upper, 'usr/share/applications/fieldroom.desktop'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Exec='));
  const program = exec.replace('Exec=', '').replace(' %U', '');
  const log = '/home/pupil/Fieldroom/.fieldroom/logs/main.log';
  const { code, text } = run(
    `rm -f ${log}; Xvfb :7 -nolisten tcp & export DISPLAY=:7; sleep 1; ${program} & app=$!; ` +
      `for i in $(seq 300); do grep -q "engine ready" ${log} && grep -q "operator window shown" ${log} && break; sleep 0.1; done; ` +
      'cat /proc/$app/cmdline | tr "\\0" " "; ' +
      `kill -TERM $app; wait $app; echo "ended with $?"; cat ${log}`,
    'pupil',
  );
  expect(code, text).toBe(0);
  expect(text).toContain('operator window shown');
  expect(text).toContain('engine ready');
  expect(text).toContain('ended with 0');
  expect(text).not.toContain('--no-sandbox');
});

it('leaves only the recordings when it is removed', () => {
  const { code, text } = run('apt-get purge -q -y fieldroom');
  expect(code, text).toBe(0);
  const { text: left } = run(
    "find / -xdev -iname '*fieldroom*' -not -path '/home/*' -not -path '/proc/*' -not -path '/out/*'",
  );
  expect(
    left
      .split('\n')
      .filter((line) => line.startsWith('/') && !line.startsWith('/var/lib/dpkg') && !line.startsWith('/var/log')),
  ).toEqual([]);
  expect(readdirSync(join(upper, 'home/pupil/Fieldroom'))).toContain('simulated');
});
