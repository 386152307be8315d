/** Chromium's switches: those a recorder without internet needs, and those a developer adds. */

/** A switch and its value. */
export type Switch = readonly [name: string, value?: string];

/** Features switched off in one list: Chromium takes only the last `disable-features`. */
const DISABLED_FEATURES = [
  // Would announce `.local` names on the network; the capture window may see addresses anyway.
  'WebRtcHideLocalIpsWithMdns',
  // Would look for cast devices on the network.
  'MediaRouter',
  'DialMediaRouteProvider',
  // Fetch lists and models from the internet.
  'OptimizationHints',
  'CertificateTransparencyComponentUpdater',
];

const ALWAYS: readonly Switch[] = [
  // LiveKit listens on loopback, and works with no other interface up.
  ['allow-loopback-in-peer-connection'],
  ['disable-background-networking'],
  ['disable-component-update'],
  ['disable-domain-reliability'],
  ['no-pings'],
  // No proxy discovery (WPAD), and no proxy between the windows and the door.
  ['no-proxy-server'],
  // No name is ever resolved, because the windows talk only to 127.0.0.1. The engine uploads, in Node.
  ['host-resolver-rules', 'MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  // Level meters and the review player start without a click.
  ['autoplay-policy', 'no-user-gesture-required'],
  ['disable-renderer-backgrounding'],
  ['disable-background-timer-throttling'],
  ['disable-backgrounding-occluded-windows'],
];

/**
 * All switches to append before the app is ready.
 * @param extra `FIELDROOM_CHROMIUM_SWITCHES`, or undefined in a packed app: space separated; a value may be quoted.
 */
export function chromiumSwitches(extra: string | undefined): Switch[] {
  const added = parseSwitches(extra ?? '');
  const disabled = [
    ...DISABLED_FEATURES,
    ...added.filter(([name]) => name === 'disable-features').flatMap(([, value]) => value?.split(',') ?? []),
  ];
  return [
    ...ALWAYS,
    ['disable-features', disabled.join(',')],
    ...added.filter(([name]) => name !== 'disable-features'),
  ];
}

/** Parses `--a --b=c --d="e f"`; ignores anything that is not a switch. */
export function parseSwitches(text: string): Switch[] {
  const words = text.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  return words.flatMap((word): Switch[] => {
    const match = /^--([A-Za-z0-9-]+)(?:=(.*))?$/s.exec(word);
    if (!match) return [];
    const value = match[2]?.replaceAll('"', '');
    return [value === undefined ? [match[1] as string] : [match[1] as string, value]];
  });
}
