import { answer, api } from './client.ts';
import { download } from './download.ts';
import { reasonHeader } from './review.ts';
import type { CallQuery } from './review-calls.ts';
import type { CallExport } from './types.ts';

export type CallExportFormat = 'csv' | 'csv-lines' | 'jsonl' | 'md' | 'vtt';

/** Which calls: those of a filter, or these. */
export type ExportScope = { filter: CallQuery } | { session_ids: string[] };

/** Saves the calls of the filter as a file at once. Throws `export_too_large` where they are too many. */
export const exportNow = (query: CallQuery, format: CallExportFormat, reason: string): Promise<void> =>
  download(
    `/api/review/calls/export/?${new URLSearchParams({ ...query, format }).toString()}`,
    `calls.${format}`,
    reasonHeader(reason),
  );

/** Begins to write the file in the background; ask for it until it is done. */
export const startExport = (scope: ExportScope, format: CallExportFormat, reason: string): Promise<CallExport> =>
  answer(
    api.POST('/api/review/exports/', {
      params: { header: reasonHeader(reason) },
      body: { format, ...scope },
    }),
  );

export const fetchExport = (id: string): Promise<CallExport> =>
  answer(api.GET('/api/review/exports/{export_id}/', { params: { path: { export_id: id } } }));
