/** Where to go after signing in: a path of this site, or the start. Never another site's address. */
export function localTarget(next: string | null): string {
  if (!next?.startsWith('/')) return '/';
  try {
    const url = new URL(next, 'http://local.invalid');
    return url.origin === 'http://local.invalid' ? url.pathname + url.search + url.hash : '/';
  } catch {
    return '/';
  }
}
