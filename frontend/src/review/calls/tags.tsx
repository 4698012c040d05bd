import type { ReviewTag } from '../../api/types.ts';
import { HostileLine } from '../hostile-text.tsx';
import styles from './calls.module.css';

/** Tags by word and colour. */
export function Tags({ tags }: { tags: readonly ReviewTag[] }) {
  if (tags.length === 0) return '–';
  return (
    <ul className={styles['chips']}>
      {tags.map((tag) => (
        <li key={tag.id} className={styles['chip']}>
          <TagDot color={tag.color} />
          <HostileLine text={tag.name} maxUnits={40} />
        </li>
      ))}
    </ul>
  );
}

const COLOUR = /^#[0-9a-f]{6}$/i;

function TagDot({ color }: { color: string | undefined }) {
  return (
    <svg className={styles['dot']} viewBox="0 0 10 10" aria-hidden="true">
      <circle cx="5" cy="5" r="5" {...(color && COLOUR.test(color) ? { fill: color } : {})} />
    </svg>
  );
}
