import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ErrorReport } from '../common/errors.ts';
import { isThere } from './applianceMonitor.ts';
import type { EngineReady } from './engineProtocol.ts';
import { EngineSupervisor, type SupervisorOptions } from './engineSupervisor.ts';

const READY = `const hello = JSON.parse(line);
  say({ type: 'ready', url: 'http://127.0.0.1:' + (hello.port ?? 4001), tokens: { operator: 'o', capture: 'c' }, pid: process.pid });`;

/** A fake engine process: \`onHello\` runs with the first line of its input in \`line\`. */
function stub(onHello: string): { node: string; args: string[]; cwd: string; env: NodeJS.ProcessEnv } {
  const folder = mkdtempSync(join(tmpdir(), 'fieldroom-stub-'));
  const file = join(folder, 'stub.mjs');
  writeFileSync(
    file,
    `import { createInterface } from 'node:readline';
     import { existsSync, writeFileSync } from 'node:fs';
     const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
     const once = (name) => { const had = existsSync(name); writeFileSync(name, ''); return !had; };
     createInterface({ input: process.stdin }).once('line', (line) => { ${onHello} }).once('close', () => globalThis.stays || process.exit(0));
     setInterval(() => undefined, 1000);`,
  );
  return { node: process.execPath, args: [file], cwd: folder, env: process.env };
}

const running: EngineSupervisor[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop({ leaveRunning: false, patienceMs: 300 })));
});

function supervise(command: SupervisorOptions['command'], more: Partial<SupervisorOptions> = {}) {
  const readies: EngineReady[] = [];
  const troubles: (ErrorReport | null)[] = [];
  const supervisor = new EngineSupervisor({
    command,
    hello: { dataFolder: '/d', logFolder: '/l', livekitServer: null, bridge: null, deviceHost: false, parent: 'main' },
    log: () => undefined,
    onReady: (ready) => readies.push(ready),
    onTrouble: (trouble) => troubles.push(trouble),
    isHealthy: async () => true,
    backOffMs: [20],
    ...more,
  });
  running.push(supervisor);
  supervisor.start();
  return { supervisor, readies, troubles };
}

describe('the engine that main supervises', () => {
  it('receives hello over its stdin and reports its door', async () => {
    const { readies } = supervise(stub(`${READY} if (process.argv.length !== 2) process.exit(3);`));
    await vi.waitFor(() => expect(readies).toHaveLength(1), 5000);
    expect(readies[0]).toMatchObject({
      url: 'http://127.0.0.1:4001',
      adopted: false,
      tokens: { operator: 'o', capture: 'c' },
    });
  });

  it('is restarted on the same port when it is killed', async () => {
    const { readies, troubles } = supervise(stub(READY.replace('4001', '4777')));
    await vi.waitFor(() => expect(readies).toHaveLength(1), 5000);
    process.kill(readies[0]?.pid as number, 'SIGKILL');
    await vi.waitFor(() => expect(readies).toHaveLength(2), 5000);
    expect(readies[1]?.url).toBe('http://127.0.0.1:4777');
    expect(readies[1]?.pid).not.toBe(readies[0]?.pid);
    expect(troubles.map((trouble) => trouble?.message ?? null)).toEqual([
      null,
      // Windows has no signals: a process that another one ends exits with a code chosen by that one.
      expect.stringMatching(process.platform === 'win32' ? /\(code 1\)/ : /\(signal SIGKILL\)/),
      null,
    ]);
  });

  it('reports its own error when it fails, and is retried', async () => {
    const failed = { code: 'data.full', message: 'The disk is full.', nextStep: 'Free some space.' };
    const { readies, troubles } = supervise(
      stub(
        `if (once('failed')) { say({ type: 'failed', error: ${JSON.stringify(failed)} }); process.exit(1); } ${READY}`,
      ),
    );
    await vi.waitFor(() => expect(readies).toHaveLength(1), 5000);
    expect(troubles).toEqual([failed, null]);
  });

  it('is killed and restarted when its door never opens', async () => {
    const { readies } = supervise(stub(`if (once('stuck')) return; ${READY}`), { readyWithinMs: 1500 });
    await vi.waitFor(() => expect(readies).toHaveLength(1), 8000);
  });

  it('may print other lines', async () => {
    const { readies } = supervise(
      stub(`process.stdout.write('hello\\n{"type":"log"}\\n{"type":"new-thing"}\\n'); ${READY}`),
    );
    await vi.waitFor(() => expect(readies).toHaveLength(1), 5000);
  });

  it('reports why it cannot be started', async () => {
    const { troubles } = supervise({ node: join(tmpdir(), 'no-such-node'), args: [], cwd: tmpdir(), env: {} });
    await vi.waitFor(() => expect(troubles[0]?.message).toMatch(/ENOENT/), 5000);
  });
});

describe('the end of the app', () => {
  it('ends the engine by closing its stdin', async () => {
    const { supervisor, readies, troubles } = supervise(stub(READY));
    await vi.waitFor(() => expect(readies).toHaveLength(1), 5000);
    await supervisor.stop({ leaveRunning: false });
    expect(isThere(readies[0]?.pid as number)).toBe(false);
    expect(troubles).toEqual([null]);
  });

  it('kills an engine that does not exit, and leaves no orphan', async () => {
    const { supervisor, readies } = supervise(
      stub(`globalThis.stays = true; process.on('SIGTERM', () => undefined); ${READY}`),
    );
    await vi.waitFor(() => expect(readies).toHaveLength(1), 5000);
    await supervisor.stop({ leaveRunning: false, patienceMs: 300 });
    expect(isThere(readies[0]?.pid as number)).toBe(false);
  });

  it('leaves a recording engine running', async () => {
    const { supervisor, readies } = supervise(stub(`globalThis.stays = true; ${READY}`));
    await vi.waitFor(() => expect(readies).toHaveLength(1), 5000);
    await supervisor.stop({ leaveRunning: true });
    const pid = readies[0]?.pid as number;
    expect(isThere(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });
});

describe('an engine that outlived an earlier app', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  it('is adopted, and replaced when it stops responding', async () => {
    server = createServer((_, response) => void response.end('{}')).listen(0, '127.0.0.1');
    await vi.waitFor(() => expect(server.listening).toBe(true));
    const old = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const adopt = `if (once('adopted')) { say({ type: 'ready', adopted: true, url: '${old}', tokens: { operator: 'o', capture: 'c' }, pid: 1 }); process.exit(0); }`;
    let healthy = true;
    const { readies, troubles } = supervise(stub(`${adopt} ${READY}`), {
      healthEveryMs: 30,
      isHealthy: async () => healthy,
    });
    await vi.waitFor(() => expect(readies).toHaveLength(1), 5000);
    expect(readies[0]).toMatchObject({ url: old, adopted: true });
    await new Promise((done) => setTimeout(done, 300));
    expect(readies, 'the engine that handed over has exited, which must not start another').toHaveLength(1);
    healthy = false;
    await vi.waitFor(() => expect(readies).toHaveLength(2), 5000);
    expect(readies[1]?.adopted).toBe(false);
    expect(troubles.at(-1)).toBeNull();
  });

  it('is replaced silently when it exits after its recording', async () => {
    const adopt = `if (once('adopted')) { say({ type: 'ready', adopted: true, url: 'http://127.0.0.1:4001', tokens: { operator: 'o', capture: 'c' }, pid: 1 }); process.exit(0); }`;
    const { readies, troubles } = supervise(stub(`${adopt} ${READY}`), {
      healthEveryMs: 30,
      isHealthy: async () => false,
      mayEnd: () => true,
    });
    await vi.waitFor(() => expect(readies).toHaveLength(2), 5000);
    expect(troubles).toEqual([null, null]);
  });
});
