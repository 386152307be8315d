/** Fuzz target for ANT frames and everything decoded from them; run by `test/fuzz/run.ts`. */
import { AntParser } from '../../devices/drivers/ant-heart-rate/parser.ts';
import { decodeBroadcast, decodeCapabilities, decodeResponse } from '../../devices/drivers/ant-heart-rate/protocol.ts';
import { Strap } from '../../devices/drivers/ant-heart-rate/strap.ts';

export const name = 'ant-heart-rate';

const parser = new AntParser();
const strap = new Strap(1);
let nowNs = 0;

export function target(bytes: Uint8Array): void {
  nowNs += 250e6;
  for (const frame of parser.push(bytes)) {
    if (frame.type !== 'frame') continue;
    decodeResponse(frame);
    decodeCapabilities(frame);
    const broadcast = decodeBroadcast(frame);
    if (broadcast) strap.take(broadcast.page, broadcast.rssiDbm ?? Number.NaN, nowNs);
  }
  // Random bytes rarely pass the frame parser, so pages are also fed directly.
  strap.take(bytes.subarray(0, 8), Number.NaN, nowNs);
}
