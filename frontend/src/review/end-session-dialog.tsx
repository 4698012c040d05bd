import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { describeError } from '../api/api-error.ts';
import { queryKeys } from '../api/query-keys.ts';
import { endSession } from '../api/review.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';

interface EndSessionDialogProps {
  sessionId: string;
  username: string;
  onEnded?(): void;
  onClose(): void;
}

export function EndSessionDialog({ sessionId, username, onEnded, onClose }: EndSessionDialogProps) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const ending = useMutation({
    mutationFn: () => endSession(sessionId, reason.trim()),
    onSuccess: async () => {
      onEnded?.();
      onClose();
      await client.invalidateQueries({ queryKey: queryKeys.review });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason.trim()) ending.mutate();
  };
  return (
    <Dialog title={`End ${username}’s session?`} onClose={onClose}>
      <form onSubmit={submit}>
        <TextField
          label="Reason"
          hint="The person on the call reads it as the call closes; it is kept with the session."
          autoComplete="off"
          maxLength={500}
          required
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {ending.isError ? (
          <Notice urgency="alert" tone="danger">
            {describeError(ending.error)}
          </Notice>
        ) : null}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" disabled={!reason.trim() || ending.isPending}>
            End session
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
