import { resolve } from 'node:path';
import process from 'node:process';
import { Engine } from '../../engine/engine.ts';
import { interruptSignal } from '../interrupt.ts';
import { Progress, printJson } from '../terminal.ts';

/** Only the recorder. Other parts (a capture window on another machine, tests) connect through the door with the printed token. */
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
      `Fieldroom is listening at ${engine.url}\n  data    ${engine.dataFolder}\n  token   npx fieldroom token --identity NAME --data "${engine.dataFolder}"\nPress Ctrl-C to stop.\n`,
    );
  interruptSignal(() => {
    process.exitCode = 0;
    void engine.stop();
  });
  await engine.ended.promise;
  process.exit();
}
