import type { Parser, Resync } from '../../parser.ts';
import { readUpdate, type TagUpdate } from './update.ts';

/** A cloud batch of a thousand updates with all sensors is about 700 kB. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

/**
 * Messages from the gateway: a JSON array of updates; a single update is accepted too (sensor-protocols 1.10). Unlike
 * other parsers it receives one whole MQTT message at a time and keeps no state between them.
 */
export class PozyxMqttParser implements Parser<TagUpdate> {
  readonly #decoder = new TextDecoder('utf-8');

  push(bytes: Uint8Array): (TagUpdate | Resync)[] {
    if (bytes.length > MAX_MESSAGE_BYTES) return [bad(bytes.length, 'too-long')];
    let message: unknown;
    try {
      message = JSON.parse(this.#decoder.decode(bytes));
    } catch {
      return [bad(bytes.length, 'bad-json')];
    }
    const elements: readonly unknown[] = Array.isArray(message) ? message : [message];
    // Anything that is not an update is counted, with its share of the message.
    const share = Math.ceil(bytes.length / Math.max(1, elements.length));
    return elements.map((element) => readUpdate(element) ?? bad(share, 'no-update'));
  }

  reset(): void {
    // There is no state to reset.
  }
}

const bad = (discardedBytes: number, reason: string): Resync => ({ type: 'resync', discardedBytes, reason });
