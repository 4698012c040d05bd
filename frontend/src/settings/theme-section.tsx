import { useSyncExternalStore } from 'react';

import { chooseTheme, storedTheme, subscribeTheme, type Theme } from '../ui/theme.ts';
import styles from './settings-page.module.css';

const THEMES: ReadonlyArray<{ value: Theme; label: string }> = [
  { value: 'system', label: 'Like the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

export function ThemeSection() {
  const theme = useSyncExternalStore(subscribeTheme, storedTheme);
  return (
    <fieldset className={styles['choices']}>
      <legend>Appearance</legend>
      {THEMES.map(({ value, label }) => (
        <label key={value} className={styles['choice']}>
          <input
            type="radio"
            name="theme"
            value={value}
            checked={theme === value}
            onChange={() => chooseTheme(value)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
