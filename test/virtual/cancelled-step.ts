import type { Stage } from './stage.ts';

/** Has the workflow's step cancelled as soon as it has waited for the first time. */
export function cancelAfterFirstWait({ deps, clock }: Pick<Stage, 'deps' | 'clock'>): void {
  const stop = new AbortController();
  Object.assign(deps, { signal: stop.signal });
  const { sleep } = clock;
  Object.assign(clock, {
    sleep: async (ms: number) => {
      await sleep(ms);
      stop.abort();
    },
  });
}
