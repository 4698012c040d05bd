import { useId, useState } from 'react';

import styles from './admin.module.css';

interface ToggleProps {
  label: string;
  /** The label is for people who do not see the table around it. */
  isLabelHidden?: boolean;
  isOn: boolean;
  disabled?: boolean;
  /** Settles once the server has answered and `isOn` says what holds. */
  onToggle(next: boolean): Promise<unknown>;
}

/** A setting that counts as soon as it is ticked; it shows what was asked for until the server has answered. */
export function Toggle({ label, isLabelHidden = false, isOn, disabled = false, onToggle }: ToggleProps) {
  const id = useId();
  const [asked, setAsked] = useState<boolean | null>(null);
  const toggle = (next: boolean): void => {
    if (asked !== null) return;
    setAsked(next);
    onToggle(next)
      .catch(() => undefined) // said in a notice
      .finally(() => setAsked(null));
  };
  return (
    <span className={styles['switch']}>
      <input
        id={id}
        type="checkbox"
        aria-label={isLabelHidden ? label : undefined}
        checked={asked ?? isOn}
        disabled={disabled}
        onChange={(event) => toggle(event.target.checked)}
      />
      {isLabelHidden ? null : <label htmlFor={id}>{label}</label>}
    </span>
  );
}
