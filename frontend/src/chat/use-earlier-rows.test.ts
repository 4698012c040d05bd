import { describe, expect, it } from 'vitest';

import { nothingShown, withRows } from './use-earlier-rows.ts';

const opened = withRows(nothingShown('a'), 'a', 450);

describe('withRows', () => {
  it('shows the newest part', () => {
    expect(opened.newest).toBe(250);
    expect(withRows(nothingShown('a'), 'a', 30).newest).toBe(0);
  });

  it('goes on with rows that come', () => {
    expect(withRows(opened, 'a', 453).newest).toBe(253);
  });

  it('brings no row back into the newest part when one of its rows goes: it would be read out as news', () => {
    expect(withRows(opened, 'a', 449)).toBe(opened);
  });

  it('lets no row leave the newest part once earlier rows were asked for: it would be drawn anew', () => {
    const asked = { ...opened, hidden: 50 };
    expect(withRows(asked, 'a', 460)).toBe(asked);
  });

  it('begins anew with another conversation, and again on the way back', () => {
    const asked = { ...opened, hidden: 50, told: 'Shown from line 51 on.' };
    const other = withRows(asked, 'b', 10);
    expect(other).toEqual(nothingShown('b'));
    expect(withRows(other, 'a', 450)).toEqual(opened);
  });
});
