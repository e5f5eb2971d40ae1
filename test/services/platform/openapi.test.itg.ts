import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { service as customer } from '../../../services/customer/service.ts';
import { service as driver } from '../../../services/driver/service.ts';
import { service as identity } from '../../../services/identity/service.ts';
import { service as order } from '../../../services/order/service.ts';
import { ask } from './caller.ts';
import { type Ground, startGround } from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.stop());

test.each([identity, order, driver, customer])(
  '$name has the openapi.json of its routes',
  async (service) => {
    const { base } = await ground.start(service);
    const file = new URL(`../../../services/${service.name}/openapi.json`, import.meta.url);
    const text = `${JSON.stringify((await ask(base, 'GET /openapi.json')).json, null, 2)}\n`;
    // Rewrites the document when asked to: REWRITE=1.
    if (process.env.REWRITE === '1') await writeFile(file, text);
    else expect(await readFile(file, 'utf8')).toBe(text);
  },
);
