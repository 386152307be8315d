/** Fuzz target for the messages of the Pozyx gateway; run by `test/fuzz/run.ts`. */
import { PozyxMqttParser } from '../../devices/drivers/pozyx-mqtt/parser.ts';
import { Seen } from '../../devices/drivers/pozyx-mqtt/seen.ts';

export const name = 'pozyx-mqtt';

const parser = new PozyxMqttParser();
/** As in the driver, which accepts up to 256 tags. */
const seen = new Seen();

export function target(bytes: Uint8Array): void {
  for (const frame of parser.push(bytes)) {
    if (frame.type === 'update') seen.isNew({ ...frame, tagId: String(Number(frame.tagId) % 256) });
  }
}

export const seeds = [
  '[{"version":"1","tagId":"27196","success":true,"timestamp":1589960921.2,"data":{"coordinates":{"x":11680,"y":44505,"z":783}}}]',
  '{"tagId":"27196","success":false}',
  '[{"tagId":"5","data":{"tagData":{"blinkIndex":1,"acceleration":{"x":1}},"anchorData":[{"anchorId":"7","rss":-80}]}}]',
].map((message) => Buffer.from(message));
