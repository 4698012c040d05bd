import { useCallback, useState } from 'react';

import type { IssuedWebhook } from '../../../api/types.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, DialogActions } from '../../../ui/dialog.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { CopyBlock } from '../../copy-block.tsx';

/** Shows a signing secret the only time it can be shown; a slip of the hand does not close it uncopied. */
export function WebhookSecretDialog({ issued, onClose }: { issued: IssuedWebhook; onClose(): void }) {
  const [isCopied, setIsCopied] = useState(false);
  const [isWarned, setIsWarned] = useState(false);
  const close = useCallback(() => {
    if (isCopied || isWarned) onClose();
    else setIsWarned(true);
  }, [isCopied, isWarned, onClose]);
  const noteCopy = useCallback(() => setIsCopied(true), []);
  return (
    <Dialog title="Signing secret" onClose={close}>
      <Notice tone="warning" urgency={isWarned ? 'alert' : 'none'}>
        {isWarned
          ? 'You have not copied the secret. It cannot be shown again: copy it, or press Done to leave it.'
          : 'Copy this secret into the receiver now. It cannot be shown again. With it the receiver knows that a report is ours.'}
      </Notice>
      <CopyBlock label="Signing secret" text={issued.secret} onCopied={noteCopy} />
      {issued.webhook.previous_secret_until ? (
        <p>The secret before this one signs as well for a day, so that the receiver may change over when it likes.</p>
      ) : null}
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}
