import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { chmod, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FieldroomError } from '../../electron/common/errors.ts';
import { freeLivekitPorts } from '../../electron/engine/livekit/livekitPorts.ts';
import type { LivekitStatus } from '../../electron/engine/livekit/livekitStatus.ts';
import { LivekitSupervisor, type LivekitSupervisorOptions } from '../../electron/engine/livekit/livekitSupervisor.ts';
import { realServer, temporaryFolder, until } from './livekitHelp.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let livekit: LivekitSupervisor | undefined;
let states: LivekitStatus[];

beforeEach(async () => {
  folder = await temporaryFolder();
  states = [];
});
afterEach(async () => {
  await livekit?.stop();
  await folder.remove();
});

function supervisor(options: Partial<LivekitSupervisorOptions>): LivekitSupervisor {
  livekit = new LivekitSupervisor({
    serverPath: realServer(),
    logFolder: folder.path,
    onState: (status) => states.push(status),
    ...options,
  });
  return livekit;
}

/** The error of a start that must fail; the announced state must have the same. */
async function failedStart(options: Partial<LivekitSupervisorOptions>): Promise<FieldroomError> {
  const error = await supervisor(options)
    .start()
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  if (!(error instanceof FieldroomError))
    throw new Error('the start did not fail with a plain error', { cause: error });
  expect(states.at(-1)).toMatchObject({
    state: 'failed',
    code: error.code,
    message: error.message,
    nextStep: error.nextStep,
    pid: null,
  });
  expect(error.nextStep).toMatch(/\w/);
  return error;
}

/** Writes a file with this content; returns its path. */
async function file(content: string | Buffer, mode: number): Promise<string> {
  const path = join(folder.path, 'livekit-server');
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

describe('a server that cannot be started', () => {
  test('is missing', async () => {
    const serverPath = join(folder.path, 'nowhere', 'livekit-server');
    expect((await failedStart({ serverPath })).toReport()).toMatchObject({
      code: 'livekit.missing',
      message: expect.stringContaining(serverPath),
    });
  });

  test('is a folder', async () => {
    expect((await failedStart({ serverPath: folder.path })).code).toBe('livekit.missing');
  });

  test('may not be executed', async () => {
    expect((await failedStart({ serverPath: await file('\u007fELF', 0o644) })).code).toBe('livekit.not-executable');
  });

  test.each([
    ['is text, which a shell would run', Buffer.from('touch "$0".ran\n')],
    ['is empty', Buffer.alloc(0)],
    ['has a right beginning and nothing behind it', Buffer.from(`\u007fELF${'x'.repeat(1000)}`, 'latin1')],
    ['was cut off while it was copied', readFileSync(realServer()).subarray(0, 1_000_000)],
    ['is for another processor', otherProcessor(readFileSync(realServer()))],
  ])('%s', async (_name, content) => {
    expect((await failedStart({ serverPath: await file(content, 0o755) })).code).toBe('livekit.damaged');
  });

  test('does not understand its configuration', async () => {
    const script = `#!${process.execPath}\nconsole.log('could not parse config: yaml: unmarshal errors: line 1: field news not found');\n`;
    expect((await failedStart({ serverPath: await file(script, 0o755) })).code).toBe('livekit.bad-config');
  });
});

/** The same program, marked as built for a processor that no machine has. */
function otherProcessor(program: Buffer): Buffer {
  program.writeUInt16LE(0xfffe, 18);
  return program;
}

describe('a port that is taken', () => {
  test('for signalling, when it was configured', async () => {
    const ports = await freeLivekitPorts(false);
    // Another program that answers OK must not be mistaken for our server.
    const other = createServer((_request, response) => response.end('OK'));
    await new Promise<void>((resolve) => other.listen(ports.signal, '127.0.0.1', resolve));
    try {
      const error = await failedStart({ ports });
      expect(error.toReport()).toMatchObject({
        code: 'livekit.port-busy',
        message: expect.stringContaining(`TCP port ${ports.signal}`),
      });
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });

  test('for media, when it was configured', async () => {
    const ports = await freeLivekitPorts(false);
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(ports.udp, '127.0.0.1', resolve));
    try {
      const error = await failedStart({ ports });
      expect(error.toReport()).toMatchObject({
        code: 'livekit.port-busy',
        message: expect.stringContaining(`UDP port ${ports.udp}`),
      });
    } finally {
      other.close();
    }
  });
});

test('a server that disappears while it runs is reported once, and can be started again when it is back', async () => {
  // The supervisor knows the link; the real server stays where it is.
  const serverPath = join(folder.path, 'livekit-server');
  await writeFile(
    serverPath,
    `#!${process.execPath}\nprocess.execve(${JSON.stringify(realServer())}, [], process.env);\n`,
  );
  await chmod(serverPath, 0o755);
  const running = supervisor({ serverPath });
  await running.start();
  await rename(serverPath, `${serverPath}.away`);
  process.kill(running.status.pid ?? 0, 'SIGKILL');
  await until('it has failed', () => running.status.state === 'failed');
  expect(states.map(({ state, code }) => `${state} ${code}`)).toEqual([
    'starting ',
    'running ',
    'restarting livekit.ended',
    'failed livekit.missing',
  ]);
  await rename(`${serverPath}.away`, serverPath);
  await running.start();
  expect(running.status).toMatchObject({ state: 'running', code: '', nextStep: '' });
});
