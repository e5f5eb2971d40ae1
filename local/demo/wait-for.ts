import { setTimeout as sleep } from 'node:timers/promises';

/** Reads twice a second until there is something, `undefined` if there is nothing for so many milliseconds. */
export async function waitFor<T>(
  read: () => Promise<T | undefined>,
  limitMs: number,
): Promise<T | undefined> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(500)) {
    const value = await read();
    if (value !== undefined) return value;
  }
  return undefined;
}
