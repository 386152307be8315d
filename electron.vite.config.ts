/** Builds what runs inside Electron: main and preload as CommonJS, the two pages as Chromium modules, all into `out/`. */
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

const here = import.meta.dirname;
const at = (...parts: string[]): string => resolve(here, ...parts);

/**
 * The package is of type `module`, these two outputs are not: a sandboxed preload has to be CommonJS, and main is loaded
 * by `require` on the fallback runtime (native/README.md).
 */
const commonJsFolder: Plugin = {
  name: 'fieldroom-commonjs-folder',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
  },
};

/** Where `npm run dev` serves the pages; main fetches them from there and shows them under `app://fieldroom`. */
const DEV_PORT = 5183;

export default defineConfig({
  main: {
    plugins: [commonJsFolder],
    build: {
      target: 'node20',
      outDir: at('out/main'),
      // Everything is bundled: the packed app carries no node_modules for main.
      externalizeDeps: false,
      sourcemap: true,
      rolldownOptions: {
        input: { 'main.entry': at('electron/main/main.entry.ts') },
        output: { format: 'cjs', entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    plugins: [commonJsFolder],
    build: {
      target: 'node20',
      outDir: at('out/preload'),
      externalizeDeps: false,
      rolldownOptions: {
        input: { 'preload.entry': at('electron/preload/preload.entry.ts') },
        output: { format: 'cjs', entryFileNames: '[name].js' },
      },
    },
  },
  renderer: {
    root: at('renderer'),
    plugins: [react()],
    server: {
      host: '127.0.0.1',
      port: DEV_PORT,
      strictPort: true,
      hmr: { protocol: 'ws', host: '127.0.0.1', clientPort: DEV_PORT },
    },
    worker: { format: 'es' },
    build: {
      target: 'chrome130',
      outDir: at('out/renderer'),
      emptyOutDir: true,
      minify: true,
      // The content security policy allows our own files, not `data:` scripts, workers or fonts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      sourcemap: true,
      rolldownOptions: { input: { operator: at('renderer/operator.html'), capture: at('renderer/capture.html') } },
    },
  },
});
