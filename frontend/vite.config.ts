import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { chunkBudgets } from './tools/chunk-budgets.ts';

// Where the Django development server answers while Vite serves the modules.
const backend = process.env['BACKEND_URL'] ?? 'http://127.0.0.1:8000';

/** Tests that call `vi.mock`: others must not find the module as they leave it. */
const MOCKING = ['src/ui/late-code.test.ts'];

export default defineConfig(({ command }) => ({
  base: command === 'build' ? '/static/' : '/',
  plugins: [react(), chunkBudgets()],
  // Worklets and the transport worker are separate files: a strict CSP refuses data: and blob: scripts.
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    manifest: true,
    assetsInlineLimit: 0,
    sourcemap: false,
    // The README promises these; `light-dark()` and `AbortSignal.any` work in no older ones.
    target: ['chrome123', 'firefox125', 'safari17.5'],
    rolldownOptions: { input: 'src/app/main.tsx' },
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    strictPort: true,
    // The server compares Origin with the host it was asked under, so that must stay this one.
    proxy: Object.fromEntries(
      ['/api', '/v1', '/ws'].map((path) => [path, { target: backend, changeOrigin: false, ws: true }]),
    ),
  },
  test: {
    environment: 'node',
    // A fresh process for every file would cost four fifths of the time; only what replaces a module needs one.
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'tools/*.test.ts'],
          exclude: MOCKING,
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: MOCKING } },
    ],
  },
}));
