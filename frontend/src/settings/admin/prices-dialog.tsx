import { type FormEvent, useState } from 'react';

import { addPrice, deletePrice } from '../../api/administration.ts';
import type { KnownModel, ModelPrice } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import styles from './admin.module.css';
import { type AmountName, AMOUNTS, currentPrice, plainAmount, priceWords } from './price-words.ts';
import { useChange } from './use-change.ts';

const today = (): string => new Date().toISOString().slice(0, 10);

/** Every version of a model's price, and a new one. */
export function PricesDialog({ model, onClose }: { model: KnownModel; onClose(): void }) {
  const current = currentPrice(model);
  const [day, setDay] = useState(today);
  const [source, setSource] = useState('');
  const [amounts, setAmounts] = useState<Record<AmountName, string>>(
    () =>
      Object.fromEntries(AMOUNTS.map(({ name }) => [name, plainAmount(current?.[name])])) as Record<AmountName, string>,
  );
  const add = useChange(() => addPrice(model.id, { valid_from: day, source: source || undefined, ...amounts }), 'Price added.');
  const remove = useChange((price: ModelPrice) => deletePrice(price.id), 'Price taken back.');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate(undefined, { onSuccess: onClose });
  };
  return (
    <Dialog title={`Prices of ${model.name}`} onClose={onClose}>
      {model.prices.length > 0 ? (
        <ul className={styles['log']} aria-label="Versions">
          {model.prices.map((price) => (
            <li key={price.id} className={styles['logRow']}>
              <p>
                <strong>from {price.valid_from}</strong>{' '}
                {price.version === model.price ? (
                  <span className={styles['chip']} data-tone="good">
                    holds now
                  </span>
                ) : null}
              </p>
              <p>{priceWords(price)}</p>
              <p className={styles['dim']}>
                {price.source}, read {price.as_of}
              </p>
              <Button
                look="quiet"
                aria-label={`Take back the price from ${price.valid_from}`}
                disabled={remove.isPending}
                onClick={() => remove.mutate(price)}
              >
                Take back
              </Button>
            </li>
          ))}
        </ul>
      ) : (
        <p>It has no price: what it is used for costs nothing here.</p>
      )}
      <form className={styles['form']} onSubmit={submit}>
        <p className={styles['dim']}>
          A new version, in US dollars per million tokens. What was charged before stays as it is; a version by which
          calls were charged cannot be taken back.
        </p>
        <TextField label="From" type="date" required value={day} onChange={(event) => setDay(event.target.value)} />
        <div className={styles['amounts']}>
          {AMOUNTS.map(({ name, label }) => (
            <TextField
              key={name}
              label={label}
              type="number"
              min={0}
              step="any"
              required
              value={amounts[name]}
              onChange={(event) => setAmounts({ ...amounts, [name]: event.target.value })}
            />
          ))}
        </div>
        <TextField
          label="Where you read it"
          value={source}
          maxLength={200}
          autoComplete="off"
          onChange={(event) => setSource(event.target.value)}
        />
        <DialogActions>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary" disabled={add.isPending}>
            Add price
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
