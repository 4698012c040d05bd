import styles from './calls.module.css';

/** What the server's flags say, and whether they are a fault. */
const FLAGS: Readonly<Record<string, { label: string; isFault: boolean }>> = {
  tool_error: { label: 'tool failed', isFault: true },
  interrupted: { label: 'interrupted', isFault: false },
  incomplete: { label: 'incomplete', isFault: true },
  text_only: { label: 'typed', isFault: false },
  not_stored: { label: 'not stored', isFault: false },
  conversation_deleted: { label: 'deleted', isFault: false },
};

/** What a reviewer should notice at once, each as a word. */
export function CallFlags({ flags }: { flags: readonly string[] }) {
  if (flags.length === 0) return '–';
  return (
    <ul className={styles['chips']}>
      {flags.map((flag) => {
        const known = FLAGS[flag];
        return (
          <li key={flag} className={`${styles['chip']} ${known?.isFault ? styles['fault'] : ''}`}>
            {known?.label ?? flag.replaceAll('_', ' ')}
          </li>
        );
      })}
    </ul>
  );
}
