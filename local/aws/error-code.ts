/**
 * The code of a system error (`EADDRINUSE`, `ECONNREFUSED`, `ENOENT`), or `undefined` for anything else.
 * Looks at the value and not at its class, since errors of Node's core may come from another realm.
 */
export function errorCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
