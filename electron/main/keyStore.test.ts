/** Main's store of keys, with a fake system keyring and a fake recorder that logs what it receives. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { proofOf } from '../common/doorProof.ts';
import type { EngineReady } from './engineProtocol.ts';
import { KeyStore, type Safe } from './keyStore.ts';

const KEYS = { accessKeyId: 'AKIA-42', secretAccessKey: 'very-secret-42' };
const destination = (id: string) => ({
  ...{ id, name: id, settings: { kind: 's3', bucket: 'b', prefix: '', region: 'r', pathStyle: true }, keyed: true },
  ...{ place: `s3://b at ${id}`, keys: 'missing' },
});

let given: { id: string; keys: unknown }[] = [];
let named = ['lab'];
const server = createServer(async (request, response) => {
  const asked = new URL(request.url ?? '', `http://${request.headers.host}`);
  if (asked.pathname === '/v1/health') {
    const [token, nonce] = [asked.searchParams.get('token') ?? '', asked.searchParams.get('nonce') ?? ''];
    response.end(JSON.stringify({ ok: true, proof: await proofOf(token, nonce, asked.port) }));
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as { id: string; keys: unknown };
  const asksForKeys = request.url?.endsWith('/destinations.keys');
  if (asksForKeys) given.push(body);
  const state = {
    studies: [],
    bytesPerSecond: null,
    paused: false,
    recording: false,
    uploads: [],
    troubles: [],
    pid: null,
  };
  response.end(JSON.stringify(asksForKeys ? { ok: true } : { ...state, destinations: named.map(destination) }));
});
let ready: EngineReady;
let userData: string;
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ready = { type: 'ready', url, tokens: { operator: 'o', capture: 'c' }, grantKey: '', pid: 1, adopted: false };
});
afterAll(() => server.close());
beforeEach(() => {
  given = [];
  named = ['lab'];
  userData = mkdtempSync(join(tmpdir(), 'fieldroom-keys-'));
});
afterEach(() => rmSync(userData, { recursive: true, force: true }));

const turned = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
/** A fake keyring; its encrypted values are unreadable without it. */
const keyring = (backend: ReturnType<NonNullable<Safe['getSelectedStorageBackend']>> = 'gnome_libsecret'): Safe => ({
  isEncryptionAvailable: () => true,
  encryptString: (text) => turned(Buffer.from(text)),
  decryptString: (bytes) => turned(bytes).toString(),
  getSelectedStorageBackend: () => backend,
});
const keeper = (safe: Safe, platform: NodeJS.Platform = 'linux'): KeyStore =>
  new KeyStore({ userData, safe, platform, ready: () => ready });
const onDisk = (): string =>
  readdirSync(userData)
    .map((name) => readFileSync(join(userData, name), 'utf8'))
    .join('\n');

describe('keys of a destination', () => {
  it('are stored encrypted, and sent to the recorder now and after the next start of the app', async () => {
    expect(await keeper(keyring()).keep('lab', KEYS)).toEqual({ kept: 'safe' });
    expect(given).toEqual([{ id: 'lab', keys: KEYS }]);
    expect(onDisk()).toContain('lab');
    expect(onDisk()).not.toContain('secret-42');
    given = [];
    await keeper(keyring()).bring(ready);
    expect(given).toEqual([{ id: 'lab', keys: KEYS }]);
  });

  it.each(['basic_text', 'unknown'] as const)('are only in memory if the keyring is %s', async (backend) => {
    const first = keeper(keyring(backend));
    expect(await first.keep('lab', KEYS)).toEqual({ kept: 'memory' });
    expect(readdirSync(userData)).toEqual([]);
    given = [];
    await first.bring(ready);
    expect(given).toEqual([{ id: 'lab', keys: KEYS }]);
    given = [];
    await keeper(keyring(backend)).bring(ready);
    expect(given).toEqual([]);
  });

  it('are only in memory if the system has no secure storage', async () => {
    const none = { ...keyring(), isEncryptionAvailable: () => false };
    expect(await keeper(none, 'darwin').keep('lab', KEYS)).toEqual({ kept: 'memory' });
    expect(readdirSync(userData)).toEqual([]);
  });

  it('are deleted on request, and when their destination no longer exists', async () => {
    const first = keeper(keyring());
    await first.keep('lab', KEYS);
    await first.keep('old', KEYS);
    await first.keep('lab', null);
    expect(given.at(-1)).toEqual({ id: 'lab', keys: null });
    named = [];
    await keeper(keyring()).bring(ready);
    expect(JSON.parse(onDisk())).toEqual({});
  });
});
