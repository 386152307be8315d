/** A small MQTT broker on loopback for emulators and tests: `aedes`, which does not ship with the app. */
import { createServer, type Socket } from 'node:net';
import { fieldroomError } from '../../electron/common/errors.ts';

export interface TestBroker {
  readonly url: string;
  publish(topic: string, payload: Uint8Array, retain?: boolean): Promise<void>;
  close(): Promise<void>;
}

/** @param login if given, other logins are rejected. @throws FieldroomError `emulate.no-broker` */
export async function startBroker(port = 0, login?: { username: string; password: string }): Promise<TestBroker> {
  const { Aedes } = await import('aedes').catch((cause: unknown) => {
    throw fieldroomError('emulate.no-broker', {}, { cause });
  });
  const broker = await Aedes.createBroker();
  if (login) {
    broker.authenticate = (_client, username, password, done) => {
      const good = username === login.username && password?.toString() === login.password;
      if (good) done(null, true);
      else done(Object.assign(new Error('wrong user name or password'), { returnCode: 4 }), false);
    };
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    broker.handle(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `mqtt://127.0.0.1:${typeof address === 'object' && address ? address.port : port}`,
    publish: (topic, payload, retain = false) =>
      new Promise((resolve, reject) => {
        broker.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 0, dup: false, retain }, (error) =>
          error ? reject(error) : resolve(),
        );
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => broker.close(() => resolve()));
      });
    },
  };
}
