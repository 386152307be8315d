/**
 * A substitute for the engine in `livekitAlone.test.ts`: runs the server, with the argument `join` also joins a room as a
 * plain client, prints the result in one line, and stays until it is killed or its input ends. First argument: folder for
 * the log.
 */
import { networkInterfaces } from 'node:os';
import { LivekitSupervisor } from '../../electron/engine/livekit/livekitSupervisor.ts';
import { socketsOf } from '../fixtures/processTree.ts';
import { realServer, SignalClient } from './livekitHelp.ts';

const livekit = new LivekitSupervisor({ serverPath: realServer(), logFolder: process.argv[2] ?? '.' });
const room = await livekit.openRoom('session-1');
await livekit.start();
const client =
  process.argv[3] !== 'join'
    ? undefined
    : await SignalClient.connect(
        livekit.access().url,
        await room.token({ identity: 'p1', publish: true, subscribe: true, ttlSeconds: 60 }),
      );
const found = {
  status: livekit.status,
  participants: await room.participants(),
  iceServers: client?.join.iceServers.flatMap(({ urls }) => urls) ?? [],
  addresses: socketsOf(livekit.status.pid ?? 0).map(({ address }) => address),
  interfaces: Object.keys(networkInterfaces()),
};
console.log(JSON.stringify(found));
process.stdin.resume().once('end', async () => {
  client?.close();
  await livekit.stop();
  process.exit(0);
});
