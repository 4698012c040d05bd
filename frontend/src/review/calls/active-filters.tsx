import { Button } from '../../ui/button.tsx';
import { CloseIcon } from '../../ui/icons.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { CALL_FILTER_NAMES, type CallFilters, filterWords } from './call-filters.ts';
import styles from './filters.module.css';

interface ActiveFiltersProps {
  filters: CallFilters;
  onApply(filters: CallFilters): void;
}

/** What narrows the list now; each can be taken away alone. */
export function ActiveFilters({ filters, onApply }: ActiveFiltersProps) {
  const set = CALL_FILTER_NAMES.flatMap((name) => {
    const value = filters[name];
    return value ? [{ name, words: visibleText(filterWords(name, value)) }] : [];
  });
  if (set.length === 0) return null;
  return (
    <ul className={styles['active']} aria-label="Filters in use">
      {set.map(({ name, words }) => (
        <li key={name}>
          <button
            type="button"
            className={styles['chip']}
            aria-label={`Remove filter ${words}`}
            onClick={() => onApply({ ...filters, [name]: '' })}
          >
            <bdi className={styles['chipText']}>{words}</bdi>
            <CloseIcon />
          </button>
        </li>
      ))}
      <li>
        <Button look="quiet" onClick={() => onApply({})}>
          Clear all
        </Button>
      </li>
    </ul>
  );
}
