// `npm run test:bridge`: the bridge's Go tests, against the real livekit-server.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { onPath, root } from './locate.mjs';
import { SetupError, tellError } from './setupError.mjs';

const go = onPath('go');
if (go) {
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-buildvcs=false' };
  const { status } = spawnSync(go, ['test', './bridge/...'], { cwd: join(root, 'native'), env, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else
  process.exitCode = tellError(
    new SetupError('test.bridge', 'Testing the bridge requires Go.', 'Install Go from go.dev and start again.'),
  );
