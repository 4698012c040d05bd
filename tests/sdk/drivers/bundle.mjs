// Puts a module and all it imports into one script for a page: `bundle.mjs <module> <script>`.

import { buildSync } from 'esbuild';

const [module, script] = process.argv.slice(2);
buildSync({ entryPoints: [module], outfile: script, bundle: true, format: 'iife' });
