import type { KnownModel, ModelPrice } from '../../api/types.ts';

/** The columns of a price and how people call them. */
export const AMOUNTS = [
  { name: 'text_input', label: 'Text in' },
  { name: 'text_cached', label: 'Text in, cached' },
  { name: 'text_output', label: 'Text out' },
  { name: 'audio_input', label: 'Audio in' },
  { name: 'audio_cached', label: 'Audio in, cached' },
  { name: 'audio_output', label: 'Audio out' },
  { name: 'image_input', label: 'Image in' },
  { name: 'image_cached', label: 'Image in, cached' },
  { name: 'audio_minute', label: 'Minute of audio' },
] as const;

export type AmountName = (typeof AMOUNTS)[number]['name'];

/** `0.4000` as `0.4`. */
export const plainAmount = (amount: string | undefined): string => String(Number(amount ?? 0));

/** The version that holds today. */
export const currentPrice = (model: KnownModel): ModelPrice | undefined =>
  model.prices.find((price) => price.version === model.price);

/** `text 4 → 24 · audio 32 → 64`, or the price of a minute. */
export function priceWords(price: ModelPrice): string {
  const parts = [];
  for (const kind of ['text', 'audio'] as const) {
    const into = Number(price[`${kind}_input`] ?? 0);
    const out = Number(price[`${kind}_output`] ?? 0);
    if (into > 0 || out > 0) parts.push(`${kind} ${into} → ${out}`);
  }
  const minute = Number(price.audio_minute ?? 0);
  if (minute > 0) parts.push(`${minute} a minute`);
  return parts.length > 0 ? parts.join(' · ') : 'free';
}
