import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ServiceDescription } from '../lib/service.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** The descriptions of all services: every folder with a config.ts has one. */
export const descriptions: readonly ServiceDescription[] = await Promise.all(
  readdirSync(folder)
    .filter((name) => name !== 'lib' && existsSync(`${folder}${name}/config.ts`))
    .sort()
    .map(async (name) => {
      const exported = Object.values((await import(`../${name}/config.ts`)) as object);
      const description = exported.find((one) => typeof one === 'object' && 'portVariable' in one);
      if (description === undefined) throw new Error(`${name}/config.ts exports no service description.`);
      return description as ServiceDescription;
    }),
);
