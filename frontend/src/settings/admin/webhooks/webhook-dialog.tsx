import { type FormEvent, useId, useState } from 'react';

import { describeError } from '../../../api/api-error.ts';
import type { IssuedWebhook } from '../../../api/types.ts';
import { createWebhook } from '../../../api/webhooks.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, DialogActions } from '../../../ui/dialog.tsx';
import { TextField } from '../../../ui/field.tsx';
import styles from '../admin.module.css';

interface WebhookDialogProps {
  mayIncludeWords: boolean;
  onMade(issued: IssuedWebhook): void;
  onClose(): void;
}

/** Asks where calls are to be reported to. */
export function WebhookDialog({ mayIncludeWords, onMade, onClose }: WebhookDialogProps) {
  const [url, setUrl] = useState('');
  const [description, setDescription] = useState('');
  const [withWords, setWithWords] = useState(mayIncludeWords);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const wordsId = useId();

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    setError(null);
    try {
      const wish = { url: url.trim(), description: description.trim(), include_transcript: withWords };
      onMade(await createWebhook({ ...wish, is_enabled: true }));
    } catch (failure) {
      setError(describeError(failure));
      setIsBusy(false);
    }
  };

  return (
    <Dialog title="Add a webhook" onClose={onClose}>
      <form className={styles['form']} onSubmit={(event) => void submit(event)} noValidate>
        <TextField
          label="Address"
          hint="Where each call that ends is reported to. This server must be allowed to send to its host."
          type="url"
          placeholder="https://hooks.example.org/calls"
          value={url}
          maxLength={500}
          autoComplete="off"
          error={error}
          onChange={(event) => setUrl(event.target.value)}
        />
        <TextField
          label="Description"
          value={description}
          maxLength={200}
          autoComplete="off"
          onChange={(event) => setDescription(event.target.value)}
        />
        <span className={styles['switch']}>
          <input
            id={wordsId}
            type="checkbox"
            checked={withWords}
            disabled={!mayIncludeWords}
            onChange={(event) => setWithWords(event.target.checked)}
          />
          <label htmlFor={wordsId}>Send what was said</label>
        </span>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={url.trim() === '' || isBusy}>
            Add webhook
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
