import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';

import { refetch } from './refetch.ts';

const KEY = ['conversation', 'one', 'items'];

/** A page that shows `stored.text`, answered as it was when it asked, once `release` is called. */
function page(stored: { text: string }) {
  const client = new QueryClient();
  const waiting: (() => void)[] = [];
  const observer = new QueryObserver(client, {
    queryKey: KEY,
    queryFn: async () => {
      const answer = stored.text;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return answer;
    },
  });
  const stop = observer.subscribe(() => undefined);
  const release = async () => {
    await new Promise((resolve) => setTimeout(resolve));
    waiting.shift()?.();
  };
  return { client, observer, release, stop };
}

describe('refetch', () => {
  it('asks once more for what changed while it was loaded first', async () => {
    const stored = { text: 'before' };
    const { client, observer, release, stop } = page(stored);
    await Promise.resolve();
    stored.text = 'after';
    const done = refetch(client, ['conversation', 'one']);
    await release();
    await release();
    await done;
    expect(observer.getCurrentResult().data).toBe('after');
    stop();
  });

  it('asks once for what is shown already', async () => {
    const stored = { text: 'before' };
    const { client, observer, release, stop } = page(stored);
    await release();
    await new Promise((resolve) => setTimeout(resolve));
    stored.text = 'after';
    const done = refetch(client, KEY);
    await release();
    await done;
    expect(observer.getCurrentResult().data).toBe('after');
    expect(client.isFetching()).toBe(0);
    stop();
  });
});
