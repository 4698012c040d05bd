import { useState } from 'react';

import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { keepColumns, readColumns } from '../kept-columns.ts';
import styles from './calls.module.css';
import { COLUMN_NAMES, COLUMNS, type Column, USUAL_COLUMNS } from './columns.tsx';

const STORAGE_KEY = 'voiceassist.review.call-columns';
/** Without it a row would have no link. */
const ALWAYS = 'started';

export interface ColumnChoice {
  columns: readonly Column[];
  choose(names: readonly string[]): void;
}

export function useColumns(): ColumnChoice {
  const [names, setNames] = useState(() => readColumns(STORAGE_KEY, COLUMN_NAMES, USUAL_COLUMNS));
  return {
    columns: COLUMNS.filter(({ name }) => name === ALWAYS || names.includes(name)),
    choose(next) {
      keepColumns(STORAGE_KEY, next);
      setNames(next);
    },
  };
}

/** The button that opens the choice of columns. */
export function ColumnsButton({ choice }: { choice: ColumnChoice }) {
  const [isOpen, setIsOpen] = useState(false);
  const shown = choice.columns.map(({ name }) => name);
  const toggle = (name: string): void =>
    choice.choose(COLUMN_NAMES.filter((other) => (other === name) !== shown.includes(other)));
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>Columns</Button>
      {isOpen ? (
        <Dialog title="Columns" onClose={() => setIsOpen(false)}>
          <fieldset className={styles['choices']}>
            <legend className={styles['dim']}>What the list shows, in this browser</legend>
            {COLUMNS.map(({ name, label }) => (
              <label key={name} className={styles['choice']}>
                <input
                  type="checkbox"
                  checked={shown.includes(name)}
                  disabled={name === ALWAYS}
                  onChange={() => toggle(name)}
                />
                {label}
              </label>
            ))}
          </fieldset>
          <DialogActions>
            <Button onClick={() => choice.choose(USUAL_COLUMNS)}>The usual ones</Button>
            <Button look="primary" onClick={() => setIsOpen(false)}>
              Done
            </Button>
          </DialogActions>
        </Dialog>
      ) : null}
    </>
  );
}
