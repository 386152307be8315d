/** The real app with the real engine: what a researcher does with it, and what happens when a part of it crashes. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { isThere } from '../../electron/engine/processes.ts';
import { appCommand, launch, type RunningApp } from './fixtures.ts';

const FAKE_ENGINE = `${import.meta.dirname}/fakeEngine.ts`;
const DEMO_KIT = join(import.meta.dirname, '../../resources/kits/demo.json');

let running: RunningApp;
afterEach(() => running?.close());

const enginePid = (): number =>
  (running.mainLog().findLast(({ message }) => message === 'engine started') as unknown as { pid: number }).pid;

async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`not seen in ${withinMs} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

describe('a lesson', () => {
  it('is recorded from the window, marked, stopped with confirmation, and sealed', async () => {
    running = await launch({ args: ['--kit', DEMO_KIT] });
    const { operator, dataFolder } = running;
    const card = (name: string) => operator.getByRole('article', { name });
    for (const name of ['Front', 'Back', 'Table 1', 'Table 2', 'Light sensor'])
      await card(name).getByText('Ready').waitFor();
    await until('a moving picture', () =>
      operator.evaluate(() => document.querySelectorAll('canvas[data-shown="true"]').length === 2),
    );

    await operator.getByRole('button', { name: 'Record', exact: true }).click();
    for (const name of ['Front', 'Back', 'Table 1', 'Table 2', 'Light sensor'])
      await card(name)
        .getByText(/^[1-9][\d,]* (frames|packets|samples) safe$/)
        .waitFor();
    await operator.keyboard.press('1');
    await operator.getByText(/^Marker 1 at 0:\d\d$/).waitFor();
    // An endless animation is drawn 60 times a second, using time that the recording needs.
    expect(await operator.evaluate(mostAnimations)).toBe(0);

    await operator.getByRole('button', { name: 'Stop', exact: true }).click();
    await operator.keyboard.press('Escape');
    await until(
      'still recording after the question was dismissed',
      async () =>
        (await operator.getByRole('dialog').count()) === 0 &&
        (await operator.getByText('Recording', { exact: true }).count()) > 0,
    );
    await operator.getByRole('button', { name: 'Stop', exact: true }).click();
    await operator.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
    await operator.getByText(/^Saved and finished: /).waitFor();

    const study = join(dataFolder, 'demo');
    const [session] = readdirSync(study);
    const folder = join(study, session as string);
    expect(readdirSync(join(folder, 'media')).sort()).toEqual([
      'camera-back',
      'camera-front',
      'mic-table-1',
      'mic-table-2',
    ]);
    expect(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).toMatchObject({ state: 'sealed' });
    expect(existsSync(join(folder, 'session.sqlite-wal'))).toBe(false);
    const index = new Database(join(folder, 'session.sqlite'), { readonly: true });
    expect(index.prepare('select code from marker').all()).toEqual([{ code: '1' }]);
    index.close();
    // The windows' policy must not block our own content (a violation would be logged).
    expect(readFileSync(join(dataFolder, '.fieldroom', 'logs', 'main.log'), 'utf8')).not.toMatch(/Refused to/);
  });
});

/** Runs in the page. @returns the highest number of animations and transitions that ran at once in two seconds */
async function mostAnimations(): Promise<number> {
  let most = 0;
  for (let look = 0; look < 40; look += 1) {
    most = Math.max(most, document.getAnimations().length);
    await new Promise((done) => setTimeout(done, 50));
  }
  return most;
}

describe('when a part crashes', () => {
  it('a killed engine is restarted and the window reconnects', async () => {
    running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE } });
    await running.operator.getByRole('button', { name: 'Record', exact: true }).waitFor();
    const first = enginePid();
    process.kill(first, 'SIGKILL');
    await until('another engine', () => enginePid() !== first);
    await until(
      'the alarm of it is over',
      async () => (await running.operator.getByText('The recorder ended unexpectedly').count()) === 0,
    );
    await running.operator.getByRole('button', { name: 'Record', exact: true }).click();
    await running.operator.getByText('Recording', { exact: true }).first().waitFor();
  });

  it('a crashed capture window is reopened', async () => {
    running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE } });
    const { app } = running;
    const captureId = () =>
      app.evaluate(
        ({ BrowserWindow }) =>
          BrowserWindow.getAllWindows().find((window) => window.webContents.getURL().endsWith('capture.html'))?.id ?? 0,
      );
    const first = await captureId();
    await app.evaluate(
      ({ BrowserWindow }, id) => BrowserWindow.fromId(id)?.webContents.forcefullyCrashRenderer(),
      first,
    );
    await until('another capture window', async () => ![0, first].includes(await captureId()));
    expect(running.mainLog().some(({ message }) => message === 'capture window gone')).toBe(true);
  });

  it('nothing keeps running when the app is killed outside a recording', async () => {
    running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE } });
    await running.operator.getByRole('button', { name: 'Record', exact: true }).waitFor();
    const engine = enginePid();
    running.app.process().kill('SIGKILL');
    await until('the end of the engine', () => !isThere(engine));
  });
});

describe('the window', () => {
  it('shows an empty room, and opens a kit', async () => {
    running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE, FIELDROOM_FAKE_STATE: 'empty' } });
    const { operator, app } = running;
    await operator.getByRole('heading', { name: 'Welcome to Fieldroom' }).waitFor();
    expect(await operator.getByRole('button', { name: 'Record', exact: true }).count()).toBe(0);
    await app.evaluate(({ dialog }, kit) => {
      dialog.showOpenDialog = (() =>
        Promise.resolve({ canceled: false, filePaths: [kit] })) as typeof dialog.showOpenDialog;
    }, DEMO_KIT);
    await operator.getByRole('main').getByRole('button', { name: 'Open a kit…' }).click();
    await operator.getByRole('article', { name: 'Front' }).waitFor();
  });

  it('lists every error of a kit and keeps working', async () => {
    running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE, FIELDROOM_FAKE_STATE: 'empty' } });
    const { operator, app } = running;
    await app.evaluate(
      ({ dialog }, file) => {
        dialog.showOpenDialog = (() =>
          Promise.resolve({ canceled: false, filePaths: [file] })) as typeof dialog.showOpenDialog;
      },
      join(import.meta.dirname, '../../package.json'),
    );
    await operator.getByRole('main').getByRole('button', { name: 'Open a kit…' }).click();
    await operator.getByText(/The kit package\.json has .* sources: /).waitFor();
    await operator.getByRole('button', { name: 'Close this message' }).click();
    expect(await operator.getByText('The kit package.json').count()).toBe(0);
  });

  it('offers to end a session at the crash that it was resumed after, and to undo that, by keyboard alone', async () => {
    running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE, FIELDROOM_FAKE_STATE: 'resumed' } });
    const { operator } = running;
    const notice = operator.getByRole('status').filter({ hasText: 'The recorder was restarted' });
    await notice.getByRole('button', { name: 'End at the crash' }).focus();
    await operator.keyboard.press('Enter');
    await notice.getByText('In 9 s the session ends where the recorder crashed').waitFor();
    await operator.getByRole('button', { name: 'Undo' }).and(operator.locator(':focus')).waitFor();
    await operator.keyboard.press('Enter');
    await operator.getByRole('button', { name: 'Keep recording' }).and(operator.locator(':focus')).waitFor();
    await operator.keyboard.press('Enter');
    await notice.waitFor({ state: 'detached' });
    await operator.getByText('Recording', { exact: true }).first().waitFor();
  });

  it('shows alarms that say what is wrong and what to do', async () => {
    running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE, FIELDROOM_FAKE_STATE: 'alarm' } });
    const { operator } = running;
    await operator.getByRole('alert').getByText('The disk has room for 8 more minutes').waitFor();
    await operator.getByRole('alert').getByText('Back: The camera was disconnected.').waitFor();
    await operator
      .getByRole('article', { name: 'Back' })
      .getByText(/^212 frames lost/)
      .waitFor();
  });

  it('shows what is being lost, marks outdated values as such, and shows a pause as a pause', async () => {
    running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE, FIELDROOM_FAKE_STATE: 'loss' } });
    const { operator } = running;
    const alert = operator.getByRole('alert');
    await alert.getByText('Losing data · Front: 41 % of the frames').waitFor();
    await alert.getByText('Choose a smaller picture in Setup').first().waitFor();
    const card = (name: string) => operator.getByRole('article', { name });
    await card('Front').getByText('Losing data', { exact: true }).waitFor();
    await card('Table 2').getByText('Worth a look', { exact: true }).waitFor();
    // A value of an unplugged sensor is gray, with its age.
    await card('Light sensor')
      .getByText(/^Last value \d/)
      .waitFor();
    const color = (name: string, of: string) =>
      card(name)
        .locator(of)
        .first()
        .evaluate((element) => getComputedStyle(element).color);
    expect(await color('Light sensor', 'dd')).toBe(await color('Light sensor', 'dt:not([data-plotted])'));
    // Paused is neither the green of ready nor the red of recording.
    const words = await Promise.all(
      [
        ['Table 1', 'Paused'],
        ['Back', 'Recording'],
        ['Front', 'Losing data'],
      ].map(([name = '', word = '']) =>
        card(name)
          .getByText(word, { exact: true })
          .evaluate((element) => getComputedStyle(element).color),
      ),
    );
    expect(new Set(words).size).toBe(3);
    await operator.getByRole('link', { name: 'Help' }).click();
    await operator.getByRole('heading', { name: 'Set up a classroom' }).waitFor();
  });

  it('hides instead of ending a recording, and reappears when the app is started again', async () => {
    running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE, FIELDROOM_FAKE_STATE: 'recording' } });
    const { app, dataFolder } = running;
    const visible = () =>
      app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()
          .find((window) => window.webContents.getURL().endsWith('operator.html'))
          ?.isVisible(),
      );
    await running.operator.getByText('Recording', { exact: true }).first().waitFor();
    await until('main knows of the recording', () =>
      app.evaluate(({ powerSaveBlocker }) => powerSaveBlocker.isStarted(0)),
    );
    await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()
        .find((window) => window.webContents.getURL().endsWith('operator.html'))
        ?.close(),
    );
    await until('it is hidden', async () => (await visible()) === false);

    const second = await start(['--data', dataFolder]);
    expect(second).toMatchObject({ code: 1 });
    expect(second.stderr).toContain(`Fieldroom is already running with the data folder ${dataFolder}.`);
    await until('it is shown', async () => (await visible()) === true);
  });
});

describe('started by the command line', () => {
  it('shows nothing, completes the handshake on stdout, and ends on SIGTERM without leaving anything running', async () => {
    running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE } });
    const dataFolder = join(running.dataFolder, 'hidden');
    const { command, args } = appCommand(['--data', dataFolder, '--hidden']);
    const child = spawn(command, args, {
      env: { ...process.env, FIELDROOM_ENGINE: FAKE_ENGINE, FIELDROOM_HANDSHAKE: 'stdout' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until('the handshake', () => said.includes('\n'));
    const hands = JSON.parse(said) as { type: string; url: string; token: string; dataFolder: string };
    expect(hands).toEqual({
      type: 'ready',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      token: 'o',
      dataFolder,
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    await expect(fetch(`${hands.url}/v1/health`)).rejects.toThrow();
  });

  it('reports in one line that its data folder is not writable', async () => {
    running = await launch({ env: { FIELDROOM_ENGINE: FAKE_ENGINE } });
    const { code, stdout } = await start(['--data', join(import.meta.filename, 'inside-a-file'), '--hidden'], {
      FIELDROOM_HANDSHAKE: 'stdout',
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'failed', error: { code: 'app.data-folder' } });
  });
});

async function start(
  extra: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { command, args } = appCommand(extra);
  const child = spawn(command, args, { env: { ...process.env, FIELDROOM_ENGINE: FAKE_ENGINE, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}
