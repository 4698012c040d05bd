import { END_REASON_CODES, theirEndReason } from '../../ui/format.ts';

export interface Choice {
  value: string;
  label: string;
}

interface FilterField {
  label: string;
  /** How it is entered; `words` is free text. */
  kind: 'words' | 'choice' | 'number' | 'date';
  choices?: readonly Choice[];
  /** What stands behind the value where it is shown again. */
  unit?: string;
  /** How many server units one shown unit is. */
  step?: string;
}

const YES_NO: readonly Choice[] = [
  { value: 'true', label: 'yes' },
  { value: 'false', label: 'no' },
];

export const DATE_PRESETS: readonly Choice[] = [
  { value: 'today', label: 'today' },
  { value: 'yesterday', label: 'yesterday' },
  { value: 'this_week', label: 'this week' },
  { value: 'last_week', label: 'last week' },
  { value: 'last_7_days', label: 'last 7 days' },
  { value: 'last_30_days', label: 'last 30 days' },
  { value: 'this_month', label: 'this month' },
  { value: 'last_month', label: 'last month' },
];

export const REVIEW_STATUSES: readonly Choice[] = [
  { value: 'open', label: 'open' },
  { value: 'in_review', label: 'in review' },
  { value: 'done', label: 'done' },
];

/** Every parameter of the call list by the server's name for it, in the order in which they are offered. */
export const CALL_FILTERS = {
  search: { label: 'Words said', kind: 'words' },
  said_by: {
    label: 'Said by',
    kind: 'choice',
    choices: [
      { value: 'user', label: 'user' },
      { value: 'assistant', label: 'assistant' },
      { value: 'tool', label: 'tool' },
    ],
  },
  preset: { label: 'Time', kind: 'choice', choices: DATE_PRESETS },
  date_from: { label: 'From', kind: 'date' },
  date_to: { label: 'To', kind: 'date' },
  interrupted: { label: 'Interrupted', kind: 'choice', choices: YES_NO },
  user: { label: 'User', kind: 'words' },
  group: { label: 'Group', kind: 'words' },
  model: { label: 'Model', kind: 'words' },
  transport: {
    label: 'Transport',
    kind: 'choice',
    choices: [
      { value: 'websocket', label: 'WebSocket' },
      { value: 'webrtc', label: 'WebRTC' },
      { value: 'rest', label: 'REST' },
    ],
  },
  state: {
    label: 'State',
    kind: 'choice',
    choices: [
      { value: 'live', label: 'live' },
      { value: 'detached', label: 'detached' },
      { value: 'ended', label: 'ended' },
    ],
  },
  end_reason: {
    label: 'How it ended',
    kind: 'choice',
    choices: END_REASON_CODES.map((code) => ({ value: code, label: theirEndReason(code) })),
  },
  opened_by: {
    label: 'Opened by',
    kind: 'choice',
    choices: [
      { value: 'page', label: 'our pages' },
      { value: 'api', label: 'a program' },
    ],
  },
  language: { label: 'Language', kind: 'words' },
  tool_call: { label: 'Used a tool', kind: 'choice', choices: YES_NO },
  tool_error: { label: 'A tool failed', kind: 'choice', choices: YES_NO },
  duration_min_s: { label: 'At least long', kind: 'number', unit: 's' },
  duration_max_s: { label: 'At most long', kind: 'number', unit: 's' },
  cost_min_usd: { label: 'Cost from', kind: 'number', unit: 'USD', step: 'any' },
  cost_max_usd: { label: 'Cost up to', kind: 'number', unit: 'USD', step: 'any' },
  first_audio_min_ms: { label: 'Answers after at least', kind: 'number', unit: 'ms' },
  first_audio_max_ms: { label: 'Answers after at most', kind: 'number', unit: 'ms' },
  tag: { label: 'Tag', kind: 'words' },
  review_status: { label: 'Review', kind: 'choice', choices: REVIEW_STATUSES },
  reviewer: { label: 'Reviewer', kind: 'words' },
  rating_min: { label: 'Rating from', kind: 'number' },
  rating_max: { label: 'Rating up to', kind: 'number' },
} as const satisfies Record<string, FilterField>;

export type CallFilterName = keyof typeof CALL_FILTERS;
export const CALL_FILTER_NAMES = Object.keys(CALL_FILTERS) as CallFilterName[];

/** What narrows the list, by name; only what is set. */
export type CallFilters = Partial<Record<CallFilterName, string>>;

export const fieldOf = (name: CallFilterName): FilterField => CALL_FILTERS[name];

/** The filters that an address holds. */
export function callFiltersOf(params: URLSearchParams): CallFilters {
  const filters: CallFilters = {};
  for (const name of CALL_FILTER_NAMES) {
    const value = params.get(name)?.trim();
    if (value) filters[name] = value;
  }
  return filters;
}

/** An address with exactly these filters; the order of rows is kept, the page begins anew. */
export function withCallFilters(params: URLSearchParams, filters: CallFilters): URLSearchParams {
  const next = new URLSearchParams();
  for (const name of CALL_FILTER_NAMES) {
    const value = filters[name]?.trim();
    if (value) next.set(name, value);
  }
  const sort = params.get('sort');
  if (sort) next.set('sort', sort);
  return next;
}

/** One filter in words, as `How it ended: the user hung up`. */
export function filterWords(name: CallFilterName, value: string): string {
  const { label, choices, unit } = fieldOf(name);
  const shown = choices?.find((choice) => choice.value === value)?.label ?? value;
  return `${label}: ${shown}${unit ? ` ${unit}` : ''}`;
}
