import { useCallback, useState } from 'react';

import type { IssuedApiKey } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { sdkSettings } from './api-key-words.ts';
import { CopyBlock } from './copy-block.tsx';

interface IssuedKeyDialogProps {
  issued: IssuedApiKey;
  onClose(): void;
}

/** Shows a new key the only time it can be shown; a slip of the hand does not close it uncopied. */
export function IssuedKeyDialog({ issued, onClose }: IssuedKeyDialogProps) {
  const [isCopied, setIsCopied] = useState(false);
  const [isWarned, setIsWarned] = useState(false);
  const close = useCallback(() => {
    if (isCopied || isWarned) onClose();
    else setIsWarned(true);
  }, [isCopied, isWarned, onClose]);
  const noteCopy = useCallback(() => setIsCopied(true), []);

  return (
    <Dialog title={`API key “${issued.name}”`} onClose={close}>
      <Notice tone="warning" urgency={isWarned ? 'alert' : 'none'}>
        {isWarned
          ? 'You have not copied the key. It cannot be shown again: copy it, or press Done to leave it.'
          : 'Copy this key now. It is not kept here and cannot be shown again. Whoever has it acts as you.'}
      </Notice>
      <CopyBlock label="API key" text={issued.key} onCopied={noteCopy} />
      <CopyBlock
        label="Settings for an OpenAI SDK"
        text={sdkSettings(location.origin, issued.key)}
        onCopied={noteCopy}
      />
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}
