/** An MQTT subscription as a link: one message per read, with its topic. */
import { FieldroomError, fieldroomError } from '../../electron/common/errors.ts';
import { parseAddress } from './net.ts';
import { lost, WireLink } from './wireLink.ts';

export interface MqttOptions {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  url: string;
  topics: string[];
  username?: string;
  password?: string;
  now: () => number;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** @throws FieldroomError `device.broker-refused`, `device.broker-login`, `device.broker-topic`, `device.not-found` */
export async function openMqtt(options: MqttOptions): Promise<WireLink> {
  const { url, topics, now } = options;
  parseAddress(url, 'mqtt', 1883);
  const { default: mqtt } = await import('mqtt');
  const client = mqtt.connect(url, {
    reconnectPeriod: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    clean: true,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
  });
  const link = new WireLink(url, {
    write: () => Promise.reject(fieldroomError('device.no-write', { url })),
    close: async () => {
      await client.endAsync(true);
    },
  });
  // The listener is attached before subscribing, so that a retained message is not missed.
  client.on('message', (topic, payload) => {
    const arrivedNs = now();
    link.deliver(payload, arrivedNs, topic);
  });
  try {
    await connected(client);
    const granted = await client.subscribeAsync(topics, { qos: 1 });
    const refused = granted.find((grant) => grant.qos >= 128);
    if (refused) throw fieldroomError('device.broker-topic', { url, topic: refused.topic });
  } catch (error) {
    client.on('error', () => undefined);
    client.end(true);
    throw error instanceof FieldroomError ? error : brokerError(url, error as Error);
  }
  client.on('error', (error) => link.lose(lost(url, error)));
  client.on('close', () => link.lose(fieldroomError('device.lost:broker', { url })));
  return link;
}

function connected(client: {
  once(event: 'connect' | 'close' | 'error', listener: (error?: Error) => void): unknown;
}): Promise<void> {
  return new Promise((resolve, reject) => {
    let last: Error | undefined;
    client.once('connect', () => resolve());
    client.once('error', (error) => reject(error ?? new Error('refused')));
    client.once('close', () =>
      reject(last ?? Object.assign(new Error('the broker closed the connection'), { code: 'ECLOSED' })),
    );
  });
}

function brokerError(
  url: string,
  error: Error & { code?: string | number; errors?: { code?: string }[] },
): FieldroomError {
  const code = error.code ?? error.errors?.[0]?.code;
  const data = { url, system: error.message };
  if (code === 4 || code === 5 || code === 134 || code === 135) {
    return fieldroomError('device.broker-login', { url }, { data, cause: error });
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return fieldroomError('device.not-found:broker', { url }, { data, cause: error });
  }
  return fieldroomError(
    'device.broker-refused',
    { url, message: error.message || String(code) },
    { data, cause: error },
  );
}
