import { describe, expect, it } from 'vitest';
import { chromiumSwitches, parseSwitches } from './switches.ts';

describe('the switches of a developer', () => {
  it('keep commas, equals signs and quoted spaces in their values', () => {
    const text =
      '--use-fake-device-for-media-stream=device-count=3,fps=30  --use-fake-ui-for-media-stream --auto-select-desktop-capture-source="Entire screen"';
    expect(parseSwitches(text)).toEqual([
      ['use-fake-device-for-media-stream', 'device-count=3,fps=30'],
      ['use-fake-ui-for-media-stream'],
      ['auto-select-desktop-capture-source', 'Entire screen'],
    ]);
  });

  it('are only switches', () => {
    expect(parseSwitches('rm -rf / --ok')).toEqual([['ok']]);
  });

  it('add to the disabled features and never enable any', () => {
    const features = chromiumSwitches('--disable-features=Mine').filter(([name]) => name === 'disable-features');
    expect(features).toHaveLength(1);
    expect(features[0]?.[1]?.split(',')).toEqual(expect.arrayContaining(['Mine', 'WebRtcHideLocalIpsWithMdns']));
  });
});

it('by default disables name resolution and proxies, and allows loopback for LiveKit', () => {
  const names = new Map(chromiumSwitches(undefined));
  expect(names.has('allow-loopback-in-peer-connection')).toBe(true);
  expect(names.has('no-proxy-server')).toBe(true);
  expect(names.get('host-resolver-rules')).toMatch(/^MAP \* ~NOTFOUND/);
});
