import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { service as customer } from '../../../services/customer/service.ts';
import { service as dispatch } from '../../../services/dispatch/service.ts';
import { service as driver } from '../../../services/driver/service.ts';
import { service as emailApi } from '../../../services/email-api/service.ts';
import { service as gateway } from '../../../services/gateway/service.ts';
import { service as identity } from '../../../services/identity/service.ts';
import { service as notification } from '../../../services/notification/service.ts';
import { service as order } from '../../../services/order/service.ts';
import { service as tracking } from '../../../services/tracking/service.ts';
import { ask } from './caller.ts';
import { nowhere } from './gateway-ground.ts';
import { type Ground, startGround } from './ground.ts';

/** Queues, a table and a parameter that nobody asks for a document. */
const away = {
  NOTIFICATION_QUEUE_URL: `${nowhere}/jobs`,
  NOTIFICATION_DLQ_URL: `${nowhere}/jobs-dlq`,
  NOTIFICATION_TABLE: 'notifications',
  SQS_QUEUE_URL: `${nowhere}/email`,
  SSM_TOKEN_PARAMETER: '/email/token',
  PROVIDERS: '{}',
};

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.stop());

/** The services behind the gateway, which it need not reach for this. */
const upstreams = Object.fromEntries(
  ['IDENTITY', 'ORDER', 'DRIVER', 'DISPATCH', 'NOTIFICATION', 'TRACKING', 'CUSTOMER'].map((name) => [
    `${name}_URL`,
    nowhere,
  ]),
);

test.each([identity, order, driver, dispatch, notification, tracking, customer, gateway, emailApi])(
  '$name has the openapi.json of its routes',
  async (service) => {
    const { base } = await ground.start(service, { ...upstreams, ...away });
    const file = new URL(`../../../services/${service.name}/openapi.json`, import.meta.url);
    const text = `${JSON.stringify((await ask(base, 'GET /openapi.json')).json, null, 2)}\n`;
    // Rewrites the document when asked to: REWRITE=1.
    if (process.env.REWRITE === '1') await writeFile(file, text);
    else expect(await readFile(file, 'utf8')).toBe(text);
  },
);
