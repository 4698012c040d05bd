import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { commentOnLine, deleteComment } from '../../api/review-marks.ts';
import type { LineComment } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { dateTime } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { HostileLine, HostileText } from '../hostile-text.tsx';
import styles from './transcript-tab.module.css';

const COMMENT_MAX_CHARS = 2000;

interface LineCommentsProps {
  sessionId: string;
  itemId: string;
  /** When the line was said, for the name of its button. */
  at: string;
  comments: readonly LineComment[];
  /** The reviewer's user name: one's own can be taken back. */
  myName: string;
}

/** What reviewers remarked on one line, and the way to add to it. */
export function LineComments({ sessionId, itemId, at, comments, myName }: LineCommentsProps) {
  const client = useQueryClient();
  const [text, setText] = useState<string | null>(null);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: queryKeys.call(sessionId) });
  const write = useMutation({
    mutationFn: (words: string) => commentOnLine(sessionId, itemId, words),
    onSuccess: async () => {
      await refresh();
      setText(null);
    },
  });
  const remove = useMutation({ mutationFn: deleteComment, onSuccess: refresh });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text?.trim()) write.mutate(text.trim());
  };
  const failure = write.error ?? remove.error;
  return (
    <div className={styles['comments']}>
      {comments.map((comment) => (
        <div key={comment.id} className={styles['comment']}>
          <p className={styles['meta']}>
            <strong>
              <HostileLine text={comment.author ?? 'a deleted account'} maxUnits={60} />
            </strong>
            <time dateTime={comment.created_at}>{dateTime(comment.created_at)}</time>
            {comment.author === myName ? (
              <Button look="quiet" onClick={() => remove.mutate(comment.id)}>
                Take back
              </Button>
            ) : null}
          </p>
          <HostileText text={comment.text} />
        </div>
      ))}
      {text === null ? (
        <button type="button" className={styles['add']} aria-label={`Comment on ${at}`} onClick={() => setText('')}>
          Comment
        </button>
      ) : (
        <form className={styles['commentForm']} onSubmit={submit}>
          <TextField
            label={`Comment on ${at}`}
            maxLength={COMMENT_MAX_CHARS}
            ref={(field) => {
              if (field && text === '') field.focus();
            }}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <Button type="submit" look="primary" disabled={!text.trim() || write.isPending}>
            Keep
          </Button>
          <Button look="quiet" onClick={() => setText(null)}>
            Cancel
          </Button>
        </form>
      )}
      {failure ? (
        <Notice urgency="alert" tone="danger">
          {describeError(failure)}
        </Notice>
      ) : null}
    </div>
  );
}
