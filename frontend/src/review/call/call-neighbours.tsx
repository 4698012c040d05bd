import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { queryKeys } from '../../api/query-keys.ts';
import { fetchCallNeighbours } from '../../api/review-calls.ts';
import { buttonClass } from '../../ui/button.tsx';
import { callFiltersOf, withCallFilters } from '../calls/call-filters.ts';
import styles from './call.module.css';

/** The way to the calls beside this one within the filter. */
export function CallNeighbours({ sessionId, params }: { sessionId: string; params: URLSearchParams }) {
  const filter = withCallFilters(params, callFiltersOf(params));
  const query = Object.fromEntries(filter);
  const { data } = useQuery({
    queryKey: queryKeys.callNeighbours(sessionId, query),
    queryFn: () => fetchCallNeighbours(sessionId, query),
  });
  if (!data || data.position === null) return null;
  const to = (id: string): string => `/review/calls/${id}${filter.size > 0 ? `?${filter.toString()}` : ''}`;
  return (
    <nav className={styles['neighbours']} aria-label="Calls of this filter">
      {data.previous ? (
        <Link className={buttonClass()} to={to(data.previous)} rel="prev">
          Previous
        </Link>
      ) : null}
      <span className={styles['position']}>
        {data.position} of {data.total}
      </span>
      {data.next ? (
        <Link className={buttonClass()} to={to(data.next)} rel="next">
          Next
        </Link>
      ) : null}
    </nav>
  );
}
