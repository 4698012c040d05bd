import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { changeModel, fetchKnownModels } from '../../api/administration.ts';
import { queryKeys } from '../../api/query-keys.ts';
import type { KnownModel } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import styles from './admin.module.css';
import { AddModelDialog } from './add-model-dialog.tsx';
import { PricesDialog } from './prices-dialog.tsx';
import { currentPrice, priceWords } from './price-words.ts';
import { Section } from './section.tsx';
import { Toggle } from './toggle.tsx';
import { useChange } from './use-change.ts';

/** The row that says what the embedded provider costs, whatever model it is asked for. */
const EMBEDDED = 'embedded';

/** The models that are known, until when their provider serves them, and what they cost. */
export function ModelsSection() {
  const models = useQuery({ queryKey: queryKeys.knownModels, queryFn: fetchKnownModels });
  const [pricedId, setPricedId] = useState<number | null>(null);
  const [isAdding, setIsAdding] = useState(false);
  const priced = models.data?.find((one) => one.id === pricedId);
  return (
    <Section
      title="Models and prices"
      about="A ticked model may be asked for by its name; the default one always can. Models with a server and a key of their own are added in the Django admin."
      query={models}
    >
      {(rows) => (
        <>
          <div className={styles['scroll']} role="region" aria-label="Models">
            <table className={styles['table']}>
              <thead>
                <tr>
                  <th scope="col">Model</th>
                  <th scope="col">Offered</th>
                  <th scope="col">Server</th>
                  <th scope="col">Retires on</th>
                  <th scope="col">US dollars per million tokens</th>
                  <th scope="col">Versions</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((model) => (
                  <ModelRow key={model.id} model={model} onPrices={() => setPricedId(model.id)} />
                ))}
              </tbody>
            </table>
          </div>
          <div>
            <Button onClick={() => setIsAdding(true)}>Add a model</Button>
          </div>
          {priced ? <PricesDialog model={priced} onClose={() => setPricedId(null)} /> : null}
          {isAdding ? <AddModelDialog onClose={() => setIsAdding(false)} /> : null}
        </>
      )}
    </Section>
  );
}

function ModelRow({ model, onPrices }: { model: KnownModel; onPrices(): void }) {
  const change = useChange(
    (changes: { enabled?: boolean; retires_on?: string | null }) => changeModel(model.id, changes),
    'Saved.',
  );
  const price = currentPrice(model);
  const versions = model.prices.length === 0 ? 'Add price' : `Prices (${model.prices.length})`;
  return (
    <tr>
      <th scope="row">
        {model.name}{' '}
        {model.is_default ? (
          <span className={styles['chip']} data-tone="good">
            default
          </span>
        ) : null}{' '}
        {model.kind === 'transcription' ? <span className={styles['chip']}>transcription</span> : null}
      </th>
      <td>
        {model.is_default || model.name === EMBEDDED ? (
          <span className={styles['dim']}>{model.is_default ? 'always' : 'as provider'}</span>
        ) : (
          <Toggle
            label={`Offer ${model.name}`}
            isLabelHidden
            isOn={model.enabled ?? false}
            onToggle={(enabled) => change.mutateAsync({ enabled })}
          />
        )}
      </td>
      <td>
        {model.server || 'as set above'}
        {model.key === 'missing' ? (
          <>
            {' '}
            <span className={styles['chip']} data-tone="bad">
              key missing
            </span>
          </>
        ) : null}
      </td>
      <td>
        <input
          type="date"
          className={styles['date']}
          aria-label={`Day on which ${model.name} is retired`}
          defaultValue={model.retires_on ?? ''}
          onBlur={(event) => {
            const day = event.target.value || null;
            if (day !== (model.retires_on ?? null)) change.mutate({ retires_on: day });
          }}
        />
        {model.is_retired ? (
          <>
            {' '}
            <span className={styles['chip']} data-tone="bad">
              retired
            </span>
          </>
        ) : null}
      </td>
      <td>{price ? priceWords(price) : 'no price'}</td>
      <td>
        <Button look="quiet" onClick={onPrices} aria-label={`${versions} of ${model.name}`}>
          {versions}
        </Button>
      </td>
    </tr>
  );
}
