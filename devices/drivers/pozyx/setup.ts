import { type FieldroomError, fieldroomError } from '../../../electron/common/errors.ts';
import { versionText } from './decode.ts';
import { PozyxFailure } from './errorCodes.ts';
import type { Exchange } from './exchange.ts';
import { LocalTag } from './localTag.ts';
import {
  ALGORITHM,
  concat,
  DIMENSION,
  FUNCTION,
  i32,
  idLabel,
  parseId,
  REGISTER,
  readLine,
  u16,
  WHO_AM_I,
} from './registers.ts';
import type { PozyxSettings } from './settings.ts';
import type { Tag } from './tag.ts';

/** pypozyx lets the port settle for 0.25 s after opening (1.1). */
const SETTLE_MS = 250;
const ATTEMPTS = 8;

export interface Identity {
  firmware: number;
  hardware: number;
  selfTest: number;
  networkId: number;
}

/**
 * Checks that a Pozyx answers: countless STM32 boards share its USB vendor id, so only WHO_AM_I = 43 is conclusive
 * (1.1).
 * @throws FieldroomError `device.wrong-device`, or `device.no-answer` after about two seconds
 */
export async function identify(exchange: Exchange, path: string): Promise<Identity> {
  await exchange.drain(SETTLE_MS);
  let last: PozyxFailure | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      const who = (await exchange.request(readLine(REGISTER.whoAmI, 1), 1)).bytes[0];
      if (who !== WHO_AM_I) throw wrongDevice(path, `its WHO_AM_I is ${who}, a Pozyx says ${WHO_AM_I}`);
      return await identityOf(new LocalTag(exchange, 0, true));
    } catch (error) {
      if (!(error instanceof PozyxFailure)) throw error;
      last = error;
    }
  }
  if (/^(POS|ANCHOR|---|\d+ms,)/.test(exchange.lastText)) {
    throw fieldroomError('device.wrong-device:arduino', { path });
  }
  if (exchange.lastText !== '') throw wrongDevice(path, `it says "${exchange.lastText}"`);
  throw fieldroomError('device.no-answer:pozyx', { path, message: last?.message ?? 'no reply' });
}

/**
 * Reads registers 00 to 03 in one read: by radio each read takes seven round trips on the cable.
 * @param networkId id of a remote tag; absent: the tag on the cable is asked for its id
 */
export async function identityOf(tag: Tag, networkId?: number): Promise<Identity> {
  const [, firmware = 0, hardware = 0, selfTest = 0] = (await tag.read(REGISTER.whoAmI, 4)).bytes;
  if (networkId !== undefined) return { firmware, hardware, selfTest, networkId };
  const id = (await tag.read(REGISTER.networkId, 2)).bytes;
  return { firmware, hardware, selfTest, networkId: (id[0] ?? 0) | ((id[1] ?? 0) << 8) };
}

/**
 * Writes the kit's settings to a device: anchors, algorithm, height. Anything else keeps its value from flash.
 * @throws PozyxFailure if the device rejects one; its anchor list is then incomplete
 */
export async function configure(tag: Tag, settings: PozyxSettings): Promise<void> {
  if (settings.anchors.length > 0) {
    await tag.call(FUNCTION.clearDevices, new Uint8Array(), 0);
    for (const anchor of settings.anchors) {
      // u16 id, flag 1 = anchor, i32 x, y, z in mm (1.4, C4).
      await tag.call(
        FUNCTION.addDevice,
        concat(u16(parseId(anchor.id)), new Uint8Array([1]), i32(anchor.x, anchor.y, anchor.z)),
        0,
      );
    }
    const size = (await tag.read(REGISTER.deviceListSize, 1)).bytes[0];
    if (size !== settings.anchors.length)
      throw new PozyxFailure('pozyx-anchors', `took ${size} of ${settings.anchors.length} anchors`);
    // Bit 7: the device chooses among them (1.3). By default it chooses four.
    if (settings.anchors.length > 4)
      await tag.write(REGISTER.positionAnchors, new Uint8Array([0x80 | settings.anchors.length]));
  }
  if (settings.passive) return;
  await tag.write(
    REGISTER.positionAlgorithm,
    new Uint8Array([(DIMENSION[settings.dimension] << 4) | ALGORITHM[settings.algorithm]]),
  );
  if (settings.dimension === '2.5D') await tag.write(REGISTER.height, i32(settings.heightMm));
}

/** Ids of the anchors the device knows: C0, offset and count, ids little-endian (1.5). */
export async function knownAnchors(tag: Tag): Promise<number[]> {
  const size = (await tag.read(REGISTER.deviceListSize, 1)).bytes[0] ?? 0;
  if (size === 0) return [];
  const { bytes } = await tag.call(FUNCTION.deviceIds, new Uint8Array([0, size]), 2 * size);
  return Array.from({ length: size }, (_, i) => (bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8));
}

const PARTS = ['acceleration', 'magnetism', 'rotation', 'processor', 'pressure', 'UWB radio'];

/** Parts whose self-test failed (register 03); an anchor has only the last two. */
export function failedParts(identity: Identity): string[] {
  const isTag = identity.hardware >> 5 === 1;
  return PARTS.filter((_, bit) => (isTag || bit >= 4) && (identity.selfTest & (1 << bit)) === 0);
}

export const identityFacts = (identity: Identity): Record<string, unknown> => ({
  networkId: idLabel(identity.networkId),
  firmware: versionText(identity.firmware),
  hardware: `${identity.hardware >> 5 === 1 ? 'tag' : 'anchor'} revision ${identity.hardware & 0x1f}`,
  selfTestFailed: failedParts(identity),
});

const wrongDevice = (path: string, because: string): FieldroomError =>
  fieldroomError('device.wrong-device:pozyx', { path, because });
