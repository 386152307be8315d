import { resolve } from 'node:path';
import process from 'node:process';
import { Engine } from '../../engine/engine.ts';
import { interruptSignal } from '../interrupt.ts';
import { Progress, printJson } from '../terminal.ts';

/** The recorder alone. Other parts (a capture window elsewhere, tests) join through the door with the printed token. */
export async function serve(options: { data: string; port?: number; json?: boolean }): Promise<void> {
  const progress = new Progress();
  const engine = await Engine.start({
    dataFolder: resolve(options.data),
    livekitServer: process.env.FIELDROOM_LIVEKIT_SERVER ?? null,
    bridge: process.env.FIELDROOM_BRIDGE ?? null,
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  engine.log.onLine = (level, _code, message) => progress.say(level === 'info' ? message : `! ${message}`);
  if (options.json)
    printJson({
      type: 'ready',
      url: engine.url,
      token: engine.tokenFor('operator'),
      captureToken: engine.tokenFor('capture'),
      dataFolder: engine.dataFolder,
    });
  else
    process.stdout.write(
      `Fieldroom listens at ${engine.url}\n  data    ${engine.dataFolder}\n  token   npx fieldroom token --identity NAME --data "${engine.dataFolder}"\nCtrl-C ends it.\n`,
    );
  interruptSignal(() => {
    process.exitCode = 0;
    void engine.stop();
  });
  await engine.ended.promise;
  process.exit();
}
