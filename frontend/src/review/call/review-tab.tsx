import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';

import { describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { changeReview, type ReviewChanges } from '../../api/review-marks.ts';
import type { CallReviewState, ReviewTag } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { dateTime } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { REVIEW_STATUSES } from '../calls/call-filters.ts';
import styles from './call.module.css';
import { CallTags } from './call-tags.tsx';

const NOTE_MAX_CHARS = 4000;
const RATINGS = [
  { value: 1, words: 'failed the person' },
  { value: 2, words: 'poor' },
  { value: 3, words: 'fair' },
  { value: 4, words: 'good' },
  { value: 5, words: 'nothing to improve' },
];

interface ReviewTabProps {
  sessionId: string;
  review: CallReviewState | null;
  tags: readonly ReviewTag[];
}

/** How far the review of the call is, how good the call was, its tags and a note. Each is kept at once. */
export function ReviewTab({ sessionId, review, tags }: ReviewTabProps) {
  const client = useQueryClient();
  const noteId = useId();
  const [note, setNote] = useState(review?.note ?? '');
  const change = useMutation({
    mutationFn: (changes: ReviewChanges) => changeReview(sessionId, changes),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: queryKeys.call(sessionId) }),
        client.invalidateQueries({ queryKey: queryKeys.calls }),
      ]),
  });
  return (
    <div className={styles['review']}>
      <SelectField
        label="Status"
        value={review?.status ?? 'open'}
        options={REVIEW_STATUSES}
        onChange={(status) => {
          if (status === 'open' || status === 'in_review' || status === 'done') change.mutate({ status });
        }}
      />
      <fieldset className={styles['ratings']}>
        <legend>Rating</legend>
        {RATINGS.map(({ value, words }) => (
          <label key={value} className={styles['rating']}>
            <input
              type="radio"
              name="rating"
              checked={review?.rating === value}
              onChange={() => change.mutate({ rating: value })}
            />
            {value} <span className={styles['dim']}>{words}</span>
          </label>
        ))}
      </fieldset>
      <CallTags sessionId={sessionId} tags={tags} />
      <form
        className={styles['note']}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ note });
        }}
      >
        <label htmlFor={noteId}>Note</label>
        <textarea
          id={noteId}
          rows={4}
          maxLength={NOTE_MAX_CHARS}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        <div>
          <Button type="submit" disabled={change.isPending || note === (review?.note ?? '')}>
            Keep note
          </Button>
        </div>
      </form>
      {change.isError ? (
        <Notice urgency="alert" tone="danger">
          {describeError(change.error)}
        </Notice>
      ) : null}
      {review ? (
        <p className={styles['dim']}>
          Last changed {dateTime(review.changed_at)}
          {review.reviewer ? ` by ${visibleText(review.reviewer)}` : ''}.
        </p>
      ) : null}
    </div>
  );
}
