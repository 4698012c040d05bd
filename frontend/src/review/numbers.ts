const WHOLE = new Intl.NumberFormat();
const SHORT = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });

const NONE = '–';

type Amount = string | number | null | undefined;

const numberOf = (amount: Amount): number =>
  amount === null || amount === undefined || amount === '' ? Number.NaN : Number(amount);

export const whole = (amount: Amount): string => {
  const value = numberOf(amount);
  return Number.isFinite(value) ? WHOLE.format(value) : NONE;
};

/** `12.3K`: for axes. */
export const short = (amount: Amount): string => {
  const value = numberOf(amount);
  return Number.isFinite(value) ? SHORT.format(value) : NONE;
};

/** US dollars: cents from a dollar on, four digits below it, so that a short call is not free. */
export const usd = (amount: Amount): string => {
  const value = numberOf(amount);
  if (!Number.isFinite(value)) return NONE;
  const digits = value === 0 || Math.abs(value) >= 1 ? 2 : 4;
  return `$${value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
};

export const ms = (amount: Amount): string => {
  const value = numberOf(amount);
  return Number.isFinite(value) ? `${WHOLE.format(Math.round(value))} ms` : NONE;
};

/** A share between 0 and 1. */
export const percent = (share: Amount): string => {
  const value = numberOf(share);
  return Number.isFinite(value) ? `${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %` : NONE;
};
