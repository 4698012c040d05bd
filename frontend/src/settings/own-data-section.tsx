import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { describeError } from '../api/api-error.ts';
import { deleteOwnConversations, downloadOwnData } from '../api/own-data.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { useToast } from '../ui/toast.tsx';
import styles from './settings-page.module.css';

const CONFIRMATION = 'delete everything';

/** One's own data, to take along or to delete. */
export function OwnDataSection() {
  const [isAsking, setIsAsking] = useState(false);
  const saving = useMutation({ mutationFn: downloadOwnData });
  return (
    <section className={styles['section']} aria-labelledby="own-data">
      <h2 id="own-data" className={styles['heading']}>
        Your data
      </h2>
      {saving.isError ? (
        <Notice urgency="alert" tone="danger">
          {describeError(saving.error)}
        </Notice>
      ) : null}
      <div className={styles['choices']}>
        <Button onClick={() => saving.mutate()} disabled={saving.isPending}>
          Download my data
        </Button>
        <Button onClick={() => setIsAsking(true)}>Delete all my conversations…</Button>
      </div>
      {isAsking ? <DeleteAllDialog onClose={() => setIsAsking(false)} /> : null}
    </section>
  );
}

function DeleteAllDialog({ onClose }: { onClose(): void }) {
  const client = useQueryClient();
  const toast = useToast();
  const [typed, setTyped] = useState('');
  const deletion = useMutation({
    mutationFn: deleteOwnConversations,
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
      toast({ text: 'All your conversations are deleted.' });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    deletion.mutate();
  };
  return (
    <Dialog title="Delete all your conversations?" onClose={onClose}>
      <form className={styles['form']} onSubmit={submit}>
        <p>Everything that was ever said in them is deleted for good.</p>
        <TextField
          label={`Type “${CONFIRMATION}”`}
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
            disabled={typed.trim().toLowerCase() !== CONFIRMATION || deletion.isPending}
          >
            Delete all
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
