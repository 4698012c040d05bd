import { useState } from 'react';

import { describeError } from '../api/api-error.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';

interface DeleteDialogProps {
  title: string;
  onDelete(): Promise<void>;
  onClose(): void;
}

/** Asks by name before a conversation goes for good. */
export function DeleteDialog({ title, onDelete, onClose }: DeleteDialogProps) {
  const [isDeleting, setIsDeleting] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const confirm = async (): Promise<void> => {
    setIsDeleting(true);
    setError(null);
    try {
      await onDelete();
      onClose();
    } catch (failure) {
      setError(describeError(failure));
      setIsDeleting(false);
    }
  };

  return (
    <Dialog title="Delete conversation?" onClose={onClose}>
      <p>
        <strong dir="auto">{title}</strong> and everything said in it will be deleted for good.
      </p>
      {error ? (
        <Notice urgency="alert" tone="danger">
          {error}
        </Notice>
      ) : null}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" onClick={() => void confirm()} disabled={isDeleting}>
          Delete
        </Button>
      </DialogActions>
    </Dialog>
  );
}
