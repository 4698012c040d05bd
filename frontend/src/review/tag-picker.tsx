import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { describeError } from '../api/api-error.ts';
import { queryKeys } from '../api/query-keys.ts';
import { createTag, fetchTags } from '../api/review-marks.ts';
import type { ReviewTag } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { visibleText } from '../ui/visible-text.ts';
import styles from './review.module.css';

const TAG_MAX_CHARS = 40;

interface TagPickerProps {
  title: string;
  /** Not offered again. */
  without?: readonly ReviewTag[];
  /** Put the tag where it belongs; what it throws is shown. */
  onPick(tag: ReviewTag): Promise<unknown>;
  onClose(): void;
}

/** Choose a tag that there is, or make one of the word that was typed. */
export function TagPicker({ title, without = [], onPick, onClose }: TagPickerProps) {
  const client = useQueryClient();
  const [word, setWord] = useState('');
  const tags = useQuery({ queryKey: queryKeys.reviewTags, queryFn: fetchTags });
  const name = word.trim();
  const pick = useMutation({
    mutationFn: async (wished: ReviewTag | string) => {
      if (typeof wished !== 'string') return onPick(wished);
      const known = tags.data?.find((tag) => tag.name.toLowerCase() === wished.toLowerCase());
      const tag = known ?? (await createTag(wished));
      await client.invalidateQueries({ queryKey: queryKeys.reviewTags });
      return onPick(tag);
    },
    onSuccess: onClose,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name) pick.mutate(name);
  };
  const offered = (tags.data ?? []).filter(
    (tag) => without.every((other) => other.id !== tag.id) && tag.name.toLowerCase().includes(name.toLowerCase()),
  );
  return (
    <Dialog title={title} onClose={onClose}>
      <form className={styles['form']} onSubmit={submit}>
        <TextField
          label="Tag"
          hint="Choose one, or type a new word and press Enter."
          maxLength={TAG_MAX_CHARS}
          autoComplete="off"
          value={word}
          onChange={(event) => setWord(event.target.value)}
        />
        {tags.isPending ? <Spinner label="Loading the tags" /> : null}
        <div className={styles['offered']}>
          {offered.map((tag) => (
            <Button key={tag.id} disabled={pick.isPending} onClick={() => pick.mutate(tag)}>
              {visibleText(tag.name)}
            </Button>
          ))}
        </div>
        {pick.isError || tags.isError ? (
          <Notice urgency="alert" tone="danger">
            {describeError(pick.error ?? tags.error)}
          </Notice>
        ) : null}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!name || pick.isPending}>
            Add tag
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
