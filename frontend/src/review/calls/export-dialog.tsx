import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { ApiError, describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import {
  type CallExportFormat,
  exportNow,
  type ExportScope,
  fetchExport,
  startExport,
} from '../../api/review-exports.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { counted } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { accessReason, keepAccessReason } from '../access-reason.ts';
import styles from './calls.module.css';

const FORMATS: ReadonlyArray<{ value: CallExportFormat; label: string; hasWords: boolean }> = [
  { value: 'csv', label: 'CSV, one line per call', hasWords: false },
  { value: 'csv-lines', label: 'CSV, one line per thing said', hasWords: true },
  { value: 'jsonl', label: 'JSON lines, everything', hasWords: true },
  { value: 'md', label: 'Markdown, to read', hasWords: true },
  { value: 'vtt', label: 'Subtitles (WebVTT)', hasWords: true },
];
const POLL_MS = 700;

interface ExportDialogProps {
  scope: ExportScope;
  count: number;
  onClose(): void;
}

/** Chosen calls as a file: a small one at once, a large one is written while the reviewer waits or goes on. */
export function ExportDialog({ scope, count, onClose }: ExportDialogProps) {
  const [format, setFormat] = useState<CallExportFormat>('csv');
  const [reason, setReason] = useState(accessReason);
  const asksReason = FORMATS.some((each) => each.value === format && each.hasWords);
  const begin = useMutation({
    mutationFn: async () => {
      if (asksReason) keepAccessReason(reason);
      if ('filter' in scope) {
        try {
          await exportNow(scope.filter, format, reason.trim());
          return null;
        } catch (error) {
          if (!(error instanceof ApiError) || error.code !== 'export_too_large') throw error;
        }
      }
      return (await startExport(scope, format, reason.trim())).id;
    },
    onSuccess: (id) => {
      if (id === null) onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    begin.mutate();
  };
  if (begin.data) return <ExportProgress id={begin.data} onClose={onClose} />;
  return (
    <Dialog title={`Export ${counted(count, 'call')}`} onClose={onClose}>
      <form className={styles['form']} onSubmit={submit}>
        <fieldset className={styles['formats']}>
          <legend className={styles['dim']}>As</legend>
          {FORMATS.map(({ value, label }) => (
            <label key={value} className={styles['choice']}>
              <input type="radio" name="format" checked={format === value} onChange={() => setFormat(value)} />
              {label}
            </label>
          ))}
        </fieldset>
        {asksReason ? (
          <TextField
            label="Why do you need what was said?"
            hint="Kept in the access log of each conversation, where its owner can read it."
            maxLength={500}
            required
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        ) : null}
        {begin.isError ? (
          <Notice urgency="alert" tone="danger">
            {describeError(begin.error)}
          </Notice>
        ) : null}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={begin.isPending || (asksReason && !reason.trim())}>
            Export
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function ExportProgress({ id, onClose }: { id: string; onClose(): void }) {
  const { data, error } = useQuery({
    queryKey: queryKeys.callExport(id),
    queryFn: () => fetchExport(id),
    refetchInterval: (query) => {
      const state = query.state.data?.state;
      return state === 'done' || state === 'failed' ? false : POLL_MS;
    },
  });
  const done = data?.calls_done ?? 0;
  return (
    <Dialog title="Export" onClose={onClose}>
      <p role="status">
        {data?.state === 'done'
          ? `${counted(data.calls, 'call')} written.`
          : `${done} of ${data?.calls ?? '…'} calls written.`}
      </p>
      {data && data.state !== 'done' ? (
        <progress className={styles['progress']} max={data.calls} value={done} aria-label="Progress of the export" />
      ) : null}
      {error || data?.state === 'failed' ? (
        <Notice urgency="alert" tone="danger">
          {error ? describeError(error) : 'The export failed. Try it again.'}
        </Notice>
      ) : null}
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
        {data?.download_url ? (
          <a className={buttonClass('primary')} href={data.download_url} download>
            Download
          </a>
        ) : null}
      </DialogActions>
    </Dialog>
  );
}
