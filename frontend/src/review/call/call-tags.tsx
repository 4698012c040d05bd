import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { tagCall, untagCall } from '../../api/review-marks.ts';
import type { ReviewTag } from '../../api/types.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { CloseIcon } from '../../ui/icons.tsx';
import { useToast } from '../../ui/toast.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { TagPicker } from '../tag-picker.tsx';
import styles from './call.module.css';

/** The tags of a call, to take off and to add. */
export function CallTags({ sessionId, tags }: { sessionId: string; tags: readonly ReviewTag[] }) {
  const client = useQueryClient();
  const toast = useToast();
  const [isPicking, setIsPicking] = useState(false);
  const refresh = (): Promise<unknown> =>
    Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.call(sessionId) }),
      client.invalidateQueries({ queryKey: queryKeys.calls }),
    ]);
  const remove = (tag: ReviewTag): void => {
    untagCall(sessionId, tag.id)
      .then(refresh)
      .catch((error: unknown) => toast({ text: describeError(error), isError: true }));
  };
  return (
    <section className={styles['tags']} aria-label="Tags">
      <ul className={styles['tools']}>
        {tags.map((tag) => (
          <li key={tag.id} className={styles['tag']}>
            <bdi>{visibleText(tag.name)}</bdi>
            <IconButton label={`Remove tag ${visibleText(tag.name)}`} onClick={() => remove(tag)}>
              <CloseIcon />
            </IconButton>
          </li>
        ))}
        <li>
          <Button onClick={() => setIsPicking(true)}>Tag…</Button>
        </li>
      </ul>
      {isPicking ? (
        <TagPicker
          title="Tag this call"
          without={tags}
          onPick={(tag) => tagCall(sessionId, tag.id).then(refresh)}
          onClose={() => setIsPicking(false)}
        />
      ) : null}
    </section>
  );
}
