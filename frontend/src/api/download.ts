import { errorFromBody } from './api-error.ts';
import { authorizedFetch } from './client.ts';
import { readJson } from './send.ts';

const REVOKE_AFTER_MS = 10_000;

/** The file name of a Content-Disposition header, without any path; null if it names none. */
export function fileNameOf(disposition: string | null): string | null {
  const encoded = disposition?.match(/filename\*=(?:UTF-8|utf-8)''([^;]+)/)?.[1];
  const plain = disposition?.match(/filename="?([^";]+)"?/)?.[1];
  const name = encoded === undefined ? plain : decodeURIComponent(encoded);
  return name?.split(/[\\/]/).pop() || null;
}

/** Fetches with the access token and hands the file to the browser: a plain link could not carry the token. */
export async function download(
  path: string,
  fallbackName: string,
  headers: Record<string, string> = {},
): Promise<void> {
  const response = await authorizedFetch(new Request(new URL(path, location.origin), { headers }));
  if (!response.ok) throw errorFromBody(await readJson(response), response);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = fileNameOf(response.headers.get('Content-Disposition')) ?? fallbackName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}
