/** Whether two plain objects hold the very same values under the same names. */
export function haveSameFields(one: object, other: object): boolean {
  if (one === other) return true;
  const left: Record<string, unknown> = { ...one };
  const right: Record<string, unknown> = { ...other };
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}
