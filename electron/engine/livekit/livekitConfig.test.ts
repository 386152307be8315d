import { describe, expect, test } from 'vitest';
import { checkLan, livekitConfig, livekitConfigText, withoutSecrets } from './livekitConfig.ts';

const ports = { signal: 20_001, udp: 20_002, tcp: 20_003 };
const keys = { apiKey: 'FRkey', apiSecret: 's'.repeat(43) };

describe('livekitConfig', () => {
  test('keeps every socket on loopback and ICE-TCP off while the LAN is off', () => {
    const { port, bind_addresses, rtc } = livekitConfig({ ports, keys, lan: false });
    expect({ port, bind_addresses }).toEqual({ port: 20_001, bind_addresses: ['127.0.0.1'] });
    expect(rtc).toMatchObject({
      udp_port: 20_002,
      tcp_port: 0,
      allow_tcp_fallback: false,
      ips: { includes: ['127.0.0.1/32'] },
    });
  });

  test('opens media to the addresses of the LAN and leaves signalling on loopback', () => {
    const { bind_addresses, rtc } = livekitConfig({
      ports,
      keys,
      lan: { addresses: ['192.168.7.1', 'fd00::1'], tcp: true },
    });
    expect(bind_addresses).toEqual(['127.0.0.1']);
    expect(rtc).toMatchObject({
      tcp_port: 20_003,
      ips: { includes: ['127.0.0.1/32', '192.168.7.1/32', 'fd00::1/128'] },
    });
  });

  test('opens no TCP port on a LAN that did not ask for it', () => {
    expect(livekitConfig({ ports, keys, lan: { addresses: ['192.168.7.1'], tcp: false } }).rtc.tcp_port).toBe(0);
  });

  test('names no STUN server but the placeholder, because an empty list would mean public ones', () => {
    expect(livekitConfig({ ports, keys, lan: false }).rtc.stun_servers).toEqual(['127.0.0.1:9']);
  });

  test('offers no audio/red and is one line of JSON', () => {
    const text = livekitConfigText({ ports, keys, lan: false });
    expect(text).not.toMatch(/audio\/red/i);
    expect(text).not.toContain('\n');
    expect(JSON.parse(text)).toMatchObject({ keys: { FRkey: keys.apiSecret }, logging: { json: true } });
  });
});

test.each(['', 'classroom', '192.168.7.1/24', 'fe80::1%wlan0', '192.168.7.300'])(
  '%j is not an address to listen on',
  (address) => {
    expect(() => checkLan({ addresses: ['192.168.7.1', address], tcp: false })).toThrow(`"${address}" is not`);
  },
);

test('removes secrets and tokens from a log line', () => {
  expect(withoutSecrets(`a ${keys.apiSecret} b eyJhbGciOi.eyJleHAi.c2ln-_x c`, keys)).toBe('a (secret) b (token) c');
});
