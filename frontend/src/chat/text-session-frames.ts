/** The few Realtime events a typed conversation needs, read defensively. */

export interface ServerEvent {
  type: string;
  [field: string]: unknown;
}

export function readServerEvent(data: unknown): ServerEvent | null {
  if (typeof data !== 'string') return null;
  try {
    const event = JSON.parse(data) as ServerEvent | null;
    return typeof event?.type === 'string' ? event : null;
  } catch {
    return null;
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const itemOf = (event: ServerEvent): { id: string; role: string; type: string; status: string } => {
  const item = record(event['item']);
  return {
    id: textOf(item['id']),
    role: textOf(item['role']),
    type: textOf(item['type']),
    status: textOf(item['status']),
  };
};

export const errorOf = (event: ServerEvent): { code: string; message: string; eventId: string } => {
  const error = record(event['error']);
  return {
    code: textOf(error['code']) || textOf(error['type']) || 'error',
    message: textOf(error['message']) || 'The server refused the message.',
    eventId: textOf(error['event_id']),
  };
};

/** How a response ended; `failed` carries the provider's reason. */
export const outcomeOf = (event: ServerEvent): { status: string; code: string; message: string } => {
  const response = record(event['response']);
  const details = record(response['status_details']);
  const error = record(details['error']);
  return {
    status: textOf(response['status']),
    code: textOf(error['code']) || textOf(error['type']) || textOf(details['reason']),
    message: textOf(error['message']),
  };
};

export const userMessageFrame = (eventId: string, itemId: string, text: string): string =>
  JSON.stringify({
    type: 'conversation.item.create',
    event_id: eventId,
    item: { id: itemId, type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
  });

export const respondFrame = (eventId: string): string =>
  JSON.stringify({ type: 'response.create', event_id: eventId });

export const cancelFrame = (): string => JSON.stringify({ type: 'response.cancel' });
