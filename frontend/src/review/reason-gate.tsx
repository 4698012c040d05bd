import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useNavigate } from 'react-router';

import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { keepAccessReason, useAccessReason } from './access-reason.ts';
import styles from './review.module.css';

const REASON_MAX_CHARS = 500;
const USUAL = ['Quality review', 'The user asked for help', 'Looking into a fault', 'Looking into abuse'];

/** Nothing of somebody's conversation is asked for before the reviewer has said why. */
export function ReasonGate({ leaveTo, children }: { leaveTo: string; children: ReactNode }) {
  const reason = useAccessReason();
  const navigate = useNavigate();
  if (reason) return children;
  return (
    <main className={styles['main']}>
      <p className={styles['dim']}>A conversation opens once you have said why you look.</p>
      <ReasonDialog onClose={() => void navigate(leaveTo)} onGiven={keepAccessReason} />
    </main>
  );
}

interface ReasonDialogProps {
  onGiven(reason: string): void;
  onClose(): void;
}

/** Asks why somebody looks. */
export function ReasonDialog({ onGiven, onClose }: ReasonDialogProps) {
  const [reason, setReason] = useState('');
  const usual = useId();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason.trim()) onGiven(reason);
  };
  return (
    <Dialog title="Why are you looking?" onClose={onClose}>
      <form className={styles['form']} onSubmit={submit}>
        <TextField
          label="Reason"
          hint="The person whose conversation it is can read it in their settings. Remembered for this visit."
          list={usual}
          maxLength={REASON_MAX_CHARS}
          required
          autoComplete="off"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <datalist id={usual}>
          {USUAL.map((words) => (
            <option key={words}>{words}</option>
          ))}
        </datalist>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!reason.trim()}>
            Open
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
