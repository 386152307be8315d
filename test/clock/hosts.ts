/**
 * Two hosts for processes under test. As root on Linux: two network namespaces joined by a veth pair, where the publisher's
 * monotonic clock has a different zero. Elsewhere: one machine, loopback, and an injected offset.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import process from 'node:process';
import { waitFor } from '../fixtures/wait.ts';

export interface Hosts extends AsyncDisposable {
  /** Prefix for a command that runs on this host. */
  recorder: readonly string[];
  publisher: readonly string[];
  /** Address of the recorder's host, as seen from the publisher. */
  address: string;
  /** Offset that the publisher adds itself; 0: its host already has a different zero. */
  injectedNs: number;
}

/** Offset of the publisher's clock from the recorder's. */
export const ZERO_S = 37 * 86_400;
const RECORDER = '10.78.0.1';
const PUBLISHER = '10.78.0.2';

export const twoHosts = (): Promise<Hosts> => (process.getuid?.() === 0 ? namespaces() : Promise.resolve(oneMachine()));

export const oneMachine = (): Hosts => ({
  ...{ recorder: [], publisher: [], address: '127.0.0.1', injectedNs: ZERO_S * 1e9 },
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

async function namespaces(): Promise<Hosts> {
  const [a, b] = await Promise.all([host(), host()]);
  const [inA, inB] = [a, b].map(({ pid }) => ['nsenter', '--target', String(pid), '--net', '--']) as [
    string[],
    string[],
  ];
  const ip = (inside: string[], words: string): void => {
    const [command = '', ...args] = [...inside, 'ip', ...words.split(' ')];
    execFileSync(command, args);
  };
  ip(inA, `link add wire0 type veth peer name wire1 netns ${b.pid}`);
  for (const [inside, device, address] of [
    [inA, 'wire0', RECORDER],
    [inB, 'wire1', PUBLISHER],
  ] as const) {
    ip(inside, `address add ${address}/24 dev ${device}`);
    ip(inside, `link set ${device} up`);
    ip(inside, 'link set lo up');
  }
  const clock = ['unshare', '--time', '--monotonic', String(ZERO_S), '--fork', '--kill-child', '--'];
  return {
    ...{ recorder: inA, publisher: [...inB, ...clock], address: RECORDER, injectedNs: 0 },
    async [Symbol.asyncDispose]() {
      for (const child of [a, b]) {
        child.stdin?.end();
        await once(child, 'exit');
      }
    },
  };
}

/** A process that only keeps a network alive, until this one closes its input or ends. */
async function host(): Promise<ChildProcess> {
  const child = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ours = readlinkSync('/proc/self/ns/net');
  await waitFor('a network of its own', () => child.pid && readlinkSync(`/proc/${child.pid}/ns/net`) !== ours);
  return child;
}
