import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { describeError } from '../api/api-error.ts';
import { fetchMe } from '../api/account.ts';
import { queryKeys } from '../api/query-keys.ts';
import type { Me } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Spinner } from '../ui/spinner.tsx';

/** Reviewers only. The server refuses everybody else anyway; this says so instead of failing. */
export function ReviewGate({ children }: { children: (me: Me) => ReactNode }) {
  const me = useQuery({ queryKey: queryKeys.me, queryFn: fetchMe });
  if (me.isPending) return <Spinner label="Loading the review" />;
  if (me.isError) {
    return (
      <Notice
        urgency="alert"
        tone="danger"
        action={
          <Button look="quiet" onClick={() => void me.refetch()}>
            Retry
          </Button>
        }
      >
        {describeError(me.error)}
      </Notice>
    );
  }
  if (!me.data.permissions.includes('review_conversation')) {
    return (
      <Notice urgency="alert" tone="warning">
        You may not review conversations. Ask an administrator for the permission “review conversation”.
      </Notice>
    );
  }
  return children(me.data);
}
