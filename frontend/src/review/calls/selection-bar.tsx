import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { changeManyCalls } from '../../api/review-marks.ts';
import type { ReviewTag } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { counted } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { useToast } from '../../ui/toast.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { TagPicker } from '../tag-picker.tsx';
import styles from './calls.module.css';
import { ExportDialog } from './export-dialog.tsx';
import type { Selection } from './selection.ts';

interface SelectionBarProps {
  selection: Selection;
  mayDelete: boolean;
  mayExport: boolean;
}

/** What can be done to the chosen calls; in sight while there are any. */
export function SelectionBar({ selection, mayDelete, mayExport }: SelectionBarProps) {
  const client = useQueryClient();
  const toast = useToast();
  const [asked, setAsked] = useState<'tag' | 'delete' | 'export' | null>(null);
  const ids = [...selection.ids];
  if (ids.length === 0) return null;

  const changed = async (text: string): Promise<void> => {
    await client.invalidateQueries({ queryKey: queryKeys.calls });
    toast({ text });
  };
  const tag = async (chosen: ReviewTag): Promise<void> => {
    const { calls } = await changeManyCalls({ action: 'tag', session_ids: ids, tag: chosen.id });
    await changed(`${counted(calls, 'call')} tagged ${visibleText(chosen.name)}.`);
  };
  return (
    <div className={styles['selection']} role="region" aria-label="Selected calls">
      <strong role="status">{counted(ids.length, 'call')} selected</strong>
      <Button onClick={() => setAsked('tag')}>Tag…</Button>
      {mayExport ? <Button onClick={() => setAsked('export')}>Export…</Button> : null}
      {mayDelete ? <Button onClick={() => setAsked('delete')}>Delete…</Button> : null}
      <Button look="quiet" onClick={selection.clear}>
        Clear
      </Button>
      {asked === 'tag' ? (
        <TagPicker title={`Tag ${counted(ids.length, 'call')}`} onPick={tag} onClose={() => setAsked(null)} />
      ) : null}
      {asked === 'export' ? (
        <ExportDialog scope={{ session_ids: ids }} count={ids.length} onClose={() => setAsked(null)} />
      ) : null}
      {asked === 'delete' ? (
        <DeleteDialog
          ids={ids}
          onDeleted={async (words) => {
            selection.clear();
            await changed(words);
          }}
          onClose={() => setAsked(null)}
        />
      ) : null}
    </div>
  );
}

interface DeleteDialogProps {
  ids: readonly string[];
  onDeleted(words: string): Promise<void>;
  onClose(): void;
}

/** Nothing is deleted before its number has been typed. */
function DeleteDialog({ ids, onDeleted, onClose }: DeleteDialogProps) {
  const [typed, setTyped] = useState('');
  const words = `delete ${ids.length}`;
  const deletion = useMutation({
    mutationFn: () => changeManyCalls({ action: 'delete', session_ids: [...ids], confirm: typed }),
    onSuccess: async ({ changed, skipped_live: live }) => {
      onClose();
      const kept = live.length > 0 ? ` ${counted(live.length, 'call')} went on and stayed.` : '';
      await onDeleted(`The words of ${counted(changed, 'call')} deleted.${kept}`);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    deletion.mutate();
  };
  return (
    <Dialog title={`Delete ${counted(ids.length, 'call')}?`} onClose={onClose}>
      <form className={styles['form']} onSubmit={submit}>
        <p>
          Everything said in {ids.length === 1 ? 'it' : 'them'} is deleted for good, for the people who said it too.
          What it cost stays in the totals.
        </p>
        <TextField
          label={`Type “${words}”`}
          autoComplete="off"
          autoCapitalize="none"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {deletion.isError ? (
          <Notice urgency="alert" tone="danger">
            {describeError(deletion.error)}
          </Notice>
        ) : null}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="danger"
            disabled={typed.trim().toLowerCase() !== words || deletion.isPending}
          >
            Delete
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
