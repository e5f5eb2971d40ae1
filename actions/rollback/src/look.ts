import type { NeededThing } from '../../core/src/decide/preflight.ts';
import { renderError } from '../../core/src/errors.ts';

/** What a look at a thing found. */
export type Found = Omit<NeededThing, 'what' | 'name'>;

/** Looks at one thing; what AWS does not let us see is `unknown`, with the reason. */
export async function look(what: string, name: string, read: () => Promise<Found>): Promise<NeededThing> {
  const found = await read().catch(
    (error: unknown): Found => ({ state: 'unknown', why: renderError(error) }),
  );
  return { what, name, ...found };
}
