import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const minuteMs = 60_000;

// Forks rather than threads: native modules and our own workers then behave as in the product.
const common = { pool: 'forks', environment: 'node', restoreMocks: true } as const;
// These start real processes on one small machine: one file at a time, with generous timeouts.
const whole = { ...common, fileParallelism: false, testTimeout: 2 * minuteMs, hookTimeout: 2 * minuteMs } as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          include: ['{electron,devices,renderer,native}/**/*.test.{ts,tsx}'],
          testTimeout: 20_000,
          // Some tests mostly wait.
          maxWorkers: availableParallelism() + 1,
        },
      },
      {
        test: {
          ...common,
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          testTimeout: minuteMs,
          maxConcurrency: 10,
        },
      },
      // Must behave the same on every system: runs natively, and under Wine with `npm run test:windows`.
      { test: { ...whole, name: 'portable', include: ['test/portable/**/*.test.ts'] } },
      // Run after `npm run package`: starts the app in `dist`.
      { test: { ...whole, name: 'package', include: ['test/package/**/*.test.ts'] } },
      // `npm run test:install`: the .deb in a fresh Debian.
      { test: { ...whole, name: 'install', include: ['test/install/**/*.test.ts'], hookTimeout: 10 * minuteMs } },
      { test: { ...whole, name: 'integration', include: ['test/integration/**/*.test.ts'] } },
      { test: { ...whole, name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 5 * minuteMs } },
    ],
  },
});
