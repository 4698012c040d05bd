import type { CallSnippet } from '../../api/types.ts';
import { visibleText } from '../../ui/visible-text.ts';
import styles from './calls.module.css';

/** A line of what was said; the words that were looked for are marked. */
export function SnippetLine({ snippet }: { snippet: CallSnippet | null }) {
  if (snippet === null) return <span className={styles['dim']}>nothing said</span>;
  return (
    <bdi className={styles['snippet']}>
      {snippet.parts.map((part, index) =>
        part.is_hit ? (
          // oxlint-disable-next-line react/no-array-index-key
          <mark key={index} className={styles['hit']}>
            {visibleText(part.text)}
          </mark>
        ) : (
          visibleText(part.text)
        ),
      )}
    </bdi>
  );
}
