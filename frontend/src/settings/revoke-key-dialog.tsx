import { useState } from 'react';

import { describeError } from '../api/api-error.ts';
import type { ApiKey } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';

interface RevokeKeyDialogProps {
  apiKey: ApiKey;
  onRevoke(): Promise<void>;
  onClose(): void;
}

/** Asks by name before a program is shut out. */
export function RevokeKeyDialog({ apiKey, onRevoke, onClose }: RevokeKeyDialogProps) {
  const [isRevoking, setIsRevoking] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const confirm = async (): Promise<void> => {
    setIsRevoking(true);
    setError(null);
    try {
      await onRevoke();
    } catch (failure) {
      setError(describeError(failure));
      setIsRevoking(false);
    }
  };

  return (
    <Dialog title="Revoke API key?" onClose={onClose}>
      <p>
        Programs that use <strong dir="auto">{apiKey.name}</strong> are shut out at once, and calls they have
        opened end. This cannot be undone.
      </p>
      {error ? (
        <Notice urgency="alert" tone="danger">
          {error}
        </Notice>
      ) : null}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" onClick={() => void confirm()} disabled={isRevoking}>
          Revoke
        </Button>
      </DialogActions>
    </Dialog>
  );
}
