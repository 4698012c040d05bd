const NAMES: Readonly<Record<string, { label: string; unit: string }>> = {
  sessions_per_user: { label: 'Calls at the same time', unit: '' },
  session_sec: { label: 'Longest call', unit: 'sec' },
  idle_sec: { label: 'A silent call ends after', unit: 'sec' },
  resume_sec: { label: 'A broken line may come back within', unit: 'sec' },
  responses_per_session: { label: 'Answers per call (0: any number)', unit: '' },
  audio_body_bytes: { label: 'Largest recording sent by HTTP', unit: 'bytes' },
  audio_sec: { label: 'Longest recording sent by HTTP', unit: 'sec' },
  month_usd: { label: 'Cost per month and person, US$', unit: '' },
  day_sec: { label: 'Calls per day', unit: 'sec' },
  events_per_sec: { label: 'Client events per second', unit: '' },
  audio_bytes_per_sec: { label: 'Audio per second', unit: 'bytes' },
  frame_bytes: { label: 'Largest frame', unit: 'bytes' },
  instructions_bytes: { label: 'Longest instructions', unit: 'bytes' },
  tools: { label: 'Tools per session', unit: '' },
  signin_user_per_min: { label: 'Sign-ins per minute and user', unit: '' },
  signin_address_per_min: { label: 'Sign-ins per minute and address', unit: '' },
  mint_per_min: { label: 'New sessions per minute', unit: '' },
};

function amount(value: number, unit: string): string {
  if (unit === 'sec') return value >= 60 && value % 60 === 0 ? `${value / 60} min` : `${value} s`;
  if (unit === 'bytes') {
    if (value >= 1_048_576) return `${+(value / 1_048_576).toFixed(1)} MiB`;
    if (value >= 1024) return `${+(value / 1024).toFixed(1)} KiB`;
    return `${value} B`;
  }
  return new Intl.NumberFormat().format(value);
}

export interface LimitLine {
  name: string;
  label: string;
  value: string;
}

/** The server's limits as people read them; one this page does not know is shown by its own name. */
export function limitLines(limits: Readonly<Record<string, unknown>>): LimitLine[] {
  return Object.entries(limits)
    .filter(([, value]) => typeof value === 'number' || typeof value === 'string')
    .map(([key, value]) => {
      const name = key.toLowerCase().replace(/^limit_/, '');
      const known = NAMES[name];
      const unit = known?.unit ?? (name.endsWith('_sec') ? 'sec' : name.endsWith('_bytes') ? 'bytes' : '');
      return {
        name: key,
        label: known?.label ?? name.replaceAll('_', ' '),
        value: typeof value === 'number' ? amount(value, unit) : String(value),
      };
    });
}
