import type { LiveItem } from '../../api/live.ts';
import styles from './captions.module.css';

interface CaptionsProps {
  items: readonly LiveItem[];
}

/** The last line of each side. Space is kept for both, so nothing jumps when words come. */
export default function Captions({ items }: CaptionsProps) {
  const user = items.findLast((item) => item.role === 'user');
  const assistant = items.findLast((item) => item.role === 'assistant');
  const answered = assistant && (!user || items.indexOf(assistant) > items.indexOf(user));
  return (
    <div className={styles['captions']}>
      <Caption who="You" item={user} className={styles['user']} testId="voice-caption-user" />
      <Caption
        who="Assistant"
        item={assistant}
        className={`${styles['assistant']} ${answered ? '' : styles['past']}`}
        testId="voice-caption-assistant"
      />
    </div>
  );
}

interface CaptionProps {
  who: string;
  item: LiveItem | undefined;
  className: string | undefined;
  testId: string;
}

function Caption({ who, item, className, testId }: CaptionProps) {
  const text = item?.heardText ?? item?.text ?? '';
  return (
    <div className={`${styles['line']} ${className}`}>
      <span className={styles['who']} aria-hidden={text === ''}>
        {text === '' ? '' : who}
      </span>
      <div className={styles['window']}>
        <p
          className={item?.isFinal ? styles['final'] : styles['partial']}
          data-testid={testId}
          data-final={item?.isFinal ?? false}
          aria-hidden={!item?.isFinal}
          dir="auto"
        >
          {text}
          {item?.status === 'interrupted' ? ' —' : ''}
        </p>
      </div>
    </div>
  );
}
