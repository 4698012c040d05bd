import { expect, it } from 'vitest';

import { localTarget } from './local-target.ts';

it.each([
  ['/c/1?voice=1', '/c/1?voice=1'],
  [null, '/'],
  ['', '/'],
  ['https://evil.example/', '/'],
  ['//evil.example/x', '/'],
  ['/\\evil.example', '/'],
  ['javascript:alert(1)', '/'],
])('after sign-in %s leads to %s', (next, target) => {
  expect(localTarget(next)).toBe(target);
});
