import { gzipSync } from 'node:zlib';

import type { Plugin } from 'vite';

/** One bundle file as this check sees it. */
export interface BundleFile {
  fileName: string;
  source: string | Uint8Array;
  /** Static imports (file names); empty for assets. */
  imports: readonly string[];
  /** Source modules compiled into this chunk (absolute paths); empty for assets. */
  modules: readonly string[];
  isEntry: boolean;
  css: readonly string[];
}

export interface Measure {
  name: string;
  gzipKiB: number;
  limitKiB: number;
}

/** What a visitor may be made to download, in KiB after gzip. */
export const LIMITS_KIB = { eager: 180, css: 15, voice: 25, markdown: 50 } as const;

const VOICE_ENTRY = '/src/voice/voice-mode-panel.tsx';
const MARKDOWN_ENTRY = '/src/chat/markdown.tsx';

const gzipKiB = (source: string | Uint8Array): number =>
  gzipSync(typeof source === 'string' ? Buffer.from(source) : source).length / 1024;

/** The static import closure of `roots`, without the files in `without`. */
function closure(files: Map<string, BundleFile>, roots: string[], without: Set<string>): Set<string> {
  const seen = new Set<string>();
  const queue = [...roots];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name) || without.has(name)) continue;
    seen.add(name);
    queue.push(...(files.get(name)?.imports ?? []));
  }
  return seen;
}

/** Sums each budget over a finished bundle. A lazy chunk counts only what it adds to the eager ones. */
export function measureBundle(bundle: readonly BundleFile[]): Measure[] {
  const files = new Map(bundle.map((file) => [file.fileName, file]));
  const holding = (suffix: string): string[] =>
    bundle.filter((file) => file.modules.some((id) => id.endsWith(suffix))).map((file) => file.fileName);
  const sum = (names: Iterable<string>): number =>
    [...names].reduce((total, name) => total + gzipKiB(files.get(name)?.source ?? ''), 0);

  const entries = bundle.filter((file) => file.isEntry).map((file) => file.fileName);
  const eager = closure(files, entries, new Set());
  const voice = closure(files, holding(VOICE_ENTRY), eager);
  const markdown = closure(files, holding(MARKDOWN_ENTRY), eager);
  // Workers and worklets are emitted as JavaScript assets; only voice has any.
  const workers = bundle
    .filter((file) => file.fileName.endsWith('.js') && file.modules.length === 0 && !file.isEntry)
    .map((file) => file.fileName);
  const eagerCss = new Set([...eager].flatMap((name) => files.get(name)?.css ?? []));

  return [
    { name: 'eager JavaScript', gzipKiB: sum(eager), limitKiB: LIMITS_KIB.eager },
    { name: 'eager CSS', gzipKiB: sum(eagerCss), limitKiB: LIMITS_KIB.css },
    {
      name: 'voice chunk with worklets',
      gzipKiB: sum(new Set([...voice, ...workers])),
      limitKiB: LIMITS_KIB.voice,
    },
    { name: 'markdown chunk', gzipKiB: sum(markdown), limitKiB: LIMITS_KIB.markdown },
  ];
}

/** Fails the build when a budget is exceeded and prints what each one holds. */
export function chunkBudgets(): Plugin {
  return {
    name: 'voiceassist:chunk-budgets',
    apply: 'build',
    writeBundle(_options, bundle) {
      const files = Object.values(bundle).map((file): BundleFile =>
        file.type === 'chunk'
          ? {
              fileName: file.fileName,
              source: file.code,
              imports: file.imports,
              modules: file.moduleIds.map((id) => id.split('?')[0] ?? id),
              isEntry: file.isEntry,
              css: [...(file.viteMetadata?.importedCss ?? [])],
            }
          : {
              fileName: file.fileName,
              source: file.source,
              imports: [],
              modules: [],
              isEntry: false,
              css: [],
            },
      );
      const measures = measureBundle(files);
      for (const { name, gzipKiB: size, limitKiB } of measures) {
        this.info(`${name}: ${size.toFixed(1)} of ${limitKiB} KiB gzip`);
      }
      const over = measures.filter((measure) => measure.gzipKiB > measure.limitKiB);
      if (over.length > 0) {
        this.error(
          over.map((m) => `${m.name} is ${m.gzipKiB.toFixed(1)} KiB gzip, budget ${m.limitKiB}`).join('; '),
        );
      }
    },
  };
}
