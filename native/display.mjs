// A virtual display where there is none (Linux): one Xvfb for the life of the command that asked.
import { spawn } from 'node:child_process';
import { onPath } from './locate.mjs';
import { SetupError } from './setupError.mjs';
import { isDisplayMissing } from './systemPackages.mjs';

const startMs = 10_000;

/** Starts Xvfb if no display is there. Returns DISPLAY's value and how to end it, or undefined when none was needed. */
export async function startDisplay(env = process.env) {
  if (!isDisplayMissing(env)) return undefined;
  const xvfb = onPath('Xvfb', env);
  const nextStep = 'Install Xvfb (Debian: sudo apt-get install -y xvfb), or start this in a desktop session.';
  if (!xvfb) throw new SetupError('setup.no-display', 'There is no display here, and no Xvfb to make one.', nextStep);
  const args = ['-displayfd', '3', '-screen', '0', '1920x1080x24', '-nolisten', 'tcp'];
  // The kernel ends Xvfb with this process even when that is killed outright.
  const setpriv = onPath('setpriv', env);
  const [command, all] = setpriv ? [setpriv, ['--pdeathsig', 'TERM', xvfb, ...args]] : [xvfb, args];
  // Its own session: Ctrl-C must not take the display from windows that still say goodbye.
  const child = spawn(command, all, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true });
  const stop = () => child.kill('SIGTERM');
  const number = await new Promise((resolve, reject) => {
    let said = '';
    let heard = '';
    const fail = (why) => {
      stop();
      reject(new SetupError('setup.xvfb', `Xvfb did not start: ${why} ${said.trim().slice(-300)}`, nextStep));
    };
    const timer = setTimeout(() => fail(`it gave no display number in ${startMs / 1000} s.`), startMs);
    child.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-1000);
    });
    child.stdio[3].on('data', (chunk) => {
      heard += chunk;
      if (!heard.includes('\n')) return;
      clearTimeout(timer);
      resolve(Number(heard));
    });
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`it ended with ${code}.`));
  });
  child.removeAllListeners('exit');
  child.unref();
  child.stderr.unref();
  child.stdio[3].destroy();
  return { display: `:${number}`, stop };
}
