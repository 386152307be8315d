import { type FieldroomError, fieldroomError } from '../../../electron/common/errors.ts';
import { type AnyDriver, type DeviceInfo, type DriverContext, defineDriver } from '../../driver.ts';
import { errorNextStep, NO_REPLY, PozyxFailure } from './errorCodes.ts';
import { Exchange } from './exchange.ts';
import { LocalTag } from './localTag.ts';
import { idLabel, idName, parseId } from './registers.ts';
import { RemoteTag } from './remoteTag.ts';
import { type PozyxSettings, pozyxSettings } from './settings.ts';
import { configure, failedParts, type Identity, identify, identityFacts, identityOf, knownAnchors } from './setup.ts';
import { Station } from './station.ts';
import type { Tag } from './tag.ts';

/** After this long without a good reply the link is reopened: the device may have restarted and lost its anchors. */
const GIVE_UP_MS = 5000;
/** The same error is repeated at most this often. */
const TROUBLE_EVERY_NS = 5e9;

/** Polls one Pozyx on a cable, and others by radio through it, with one request in flight (sensor-protocols 1.1 to 1.8). */
export const pozyxDriver: AnyDriver = defineDriver<PozyxSettings>({
  id: 'pozyx',
  title: 'Pozyx tag',
  kinds: ['serial', 'tcp'],
  settings: pozyxSettings,
  serial: { baudRate: 115_200, lowLatency: true },
  fits,
  async run(context) {
    try {
      await session(context);
    } catch (error) {
      if (!context.signal.aborted) throw error;
    }
  },
});

/** pypozyx matches manufacturer, product or vendor 0483; countless STM32 boards share that vendor id (1.1). */
function fits(device: DeviceInfo): 0 | 1 | 2 | 3 {
  if (device.kind !== 'serial') return 0;
  if (device.manufacturer?.includes('Pozyx Labs') === true || device.product?.includes('Pozyx') === true) return 3;
  return device.vendorId === '0483' ? 1 : 0;
}

async function session(context: DriverContext<PozyxSettings>): Promise<void> {
  let stations: Station[] = [];
  const exchange = new Exchange(context, (bytes, reason, atNs) => {
    // Bytes outside replies belong to no sample; a reply that they damage is counted where it is missed.
    stations[0]?.main?.gap(reason, 0, `${bytes} bytes`, atNs, atNs);
  });
  const identity = await identify(exchange, context.link.path);
  stations = await openStations(context, exchange, identity);
  await poll(context, exchange, stations);
}

/** All tags are set up before the first stream is announced: a stream without data yet would count as silent. */
async function openStations(
  context: DriverContext<PozyxSettings>,
  exchange: Exchange,
  identity: Identity,
): Promise<Station[]> {
  const { tags } = context.settings;
  const local = new LocalTag(exchange, identity.firmware, context.settings.passive);
  const prepared: (() => Station)[] = [];
  if (tags.length === 0) prepared.push(await prepare(context, local, '', identity));
  for (const id of tags.map(parseId)) {
    const isLocal = id === identity.networkId;
    const tag = isLocal ? local : new RemoteTag(exchange, id);
    // A remote tag that cannot be reached fails the whole source: it is reopened with back-off, and the error is shown.
    const sentence = `Tag ${idLabel(id)} does not answer by radio`;
    const own = isLocal ? identity : await patiently(() => identityOf(tag, id), sentence);
    prepared.push(await prepare(context, tag, idName(id), own));
  }
  return prepared.map((open) => open());
}

async function prepare(
  context: DriverContext<PozyxSettings>,
  tag: Tag,
  suffix: string,
  identity: Identity,
): Promise<() => Station> {
  const { settings } = context;
  const name = idLabel(identity.networkId);
  await patiently(() => configure(tag, settings), `Tag ${name} did not take the kit's settings`);
  const wantsRanges = settings.what.includes('ranges');
  const anchors = wantsRanges ? await patiently(() => knownAnchors(tag), `Tag ${name} did not tell its anchors`) : [];
  const failed = failedParts(identity);
  if (failed.length > 0) context.log('warn', `The self-test of ${name} failed for: ${failed.join(', ')}.`);
  const { dimension, algorithm, heightMm } = settings;
  const height = dimension === '2.5D' ? { heightMm } : {};
  const facts = { ...identityFacts(identity), dimension, algorithm, ...height, anchors: settings.anchors };
  return () => new Station(context, tag, suffix, name, anchors, facts);
}

/** Setting up again is harmless, so a lost reply is not a reason to close the port. */
async function patiently<T>(work: () => Promise<T>, sentence: string): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PozyxFailure)) throw error;
      if (attempt < 5) continue;
      const nextStep =
        error.code === undefined
          ? 'Check that it has power and is near, and that its id in the kit is right.'
          : errorNextStep(error.code);
      throw fieldroomError('device.pozyx-setup', { sentence, message: error.message }, { nextStep, cause: error });
    }
  }
}

async function poll(
  context: DriverContext<PozyxSettings>,
  exchange: Exchange,
  stations: readonly Station[],
): Promise<void> {
  const told = new Map<string, number>();
  const onFailure = async (failure: PozyxFailure, station: Station): Promise<void> => {
    const now = context.now();
    if (now - exchange.lastReplyNs > GIVE_UP_MS * 1e6) throw silent(context.link.path, failure);
    // If a device says nothing at all, the host reports it once it is silent.
    if (failure.word === NO_REPLY) return;
    const key = `${station.name} ${failure.word}`;
    if (now - (told.get(key) ?? Number.NEGATIVE_INFINITY) < TROUBLE_EVERY_NS) return;
    told.set(key, now);
    const nextStep =
      failure.code === undefined
        ? 'Check the cable and the tags; it continues automatically.'
        : errorNextStep(failure.code);
    await restore(failure, station);
    context.trouble(`device.${failure.word}`, `Tag ${station.name} gave no sample: ${failure.message}.`, nextStep);
  };
  const { rateHz } = context.settings;
  const periodMs = rateHz === undefined ? 0 : 1000 / rateHz;
  let nextMs = performance.now();
  while (!context.signal.aborted) {
    for (const station of stations) await station.round(onFailure);
    nextMs = Math.max(nextMs + periodMs, performance.now());
    const restMs = nextMs - performance.now();
    // A device that answers immediately must not starve the host's other devices.
    await (restMs > 1 ? context.sleep(restMs) : new Promise((resolve) => setImmediate(resolve)));
  }
}

/** "Not enough anchors" after a brown-out: the anchor list was only in memory, so it is written again. */
async function restore(failure: PozyxFailure, station: Station): Promise<void> {
  if (failure.code !== 0x0a) return;
  try {
    await station.configure();
  } catch (error) {
    if (!(error instanceof PozyxFailure)) throw error;
  }
}

const silent = (path: string, failure: PozyxFailure): FieldroomError =>
  fieldroomError('device.no-answer:pozyx-silent', { path, message: failure.message });
