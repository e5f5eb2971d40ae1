import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Type } from 'typebox';
import { systemClock } from '../clock.ts';
import {
  CompositionConfig,
  composeServices,
  environmentOf,
  type Member,
  presentMembers,
} from '../composition.ts';
import { commonSettings } from '../config.ts';
import { hostServices } from '../host.ts';
import { defineService, type ServiceContext } from '../service.ts';

const text = Type.String({ minLength: 1, description: 'A text.' });

/** A service that takes those settings and answers those paths. */
function member(name: string, settings: readonly string[], paths: readonly string[] = [], schema?: string) {
  const properties = Object.fromEntries(settings.map((setting) => [setting, text]));
  const port = Type.Integer({ default: 1 });
  const config = Type.Object({ PORT: port, ...properties, ...commonSettings });
  const description = { name, config, portVariable: 'PORT', ...(schema && { schema }) } as const;
  const setUp = async ({ app }: ServiceContext) => {
    for (const path of paths) app.get(path, async () => ({ name }));
    return { ready: { sea: () => undefined } };
  };
  const service = defineService(description, (_config, context) => setUp(context));
  return { description, load: async () => service, service };
}

const compose = (...members: ReturnType<typeof member>[]) =>
  composeServices(
    members,
    members.map(({ service }) => service),
    'all',
  );
const deps = { clock: systemClock, random: Math.random, log: pino({ level: 'silent' }), aws: {} };
const base = { AWS_REGION: 'us-east-1', PORT: '3000' };

describe('the settings of one member', () => {
  const order = member('email-api', ['DATABASE_URL', 'JWKS_URL', 'ORDER_URL'], [], 'mails');
  const of = (environment: Record<string, string>) => environmentOf(order, environment, ['order'], 3000);

  test.each([
    ['its own before everybody’s', { EMAIL_API_DATABASE_URL: 'own', DATABASE_URL: 'shared' }, 'own'],
    ['everybody’s where it has none', { EMAIL_API_DATABASE_URL: '', DATABASE_URL: 'shared' }, 'shared'],
    [
      'with its schema in them',
      { DATABASE_URL: 'postgres://{schema}:p@h/{schema}' },
      'postgres://mails:p@h/mails',
    ],
  ])('are %s', (_title, environment, expected) => {
    expect(of(environment).DATABASE_URL).toBe(expected);
  });

  test('name the process itself as peer, unless they name another', () => {
    expect(of({})).toMatchObject({
      JWKS_URL: 'http://127.0.0.1:3000/.well-known/jwks.json',
      ORDER_URL: 'http://127.0.0.1:3000',
    });
    expect(of({ ORDER_URL: 'http://order' }).ORDER_URL).toBe('http://order');
  });
});

test('a member that is there only with a setting is left out without it', () => {
  const optional: Member = { ...member('mail', ['QUEUE_URL']), onlyWith: 'QUEUE_URL' };
  expect(presentMembers([optional], {})).toEqual([]);
  expect(presentMembers([optional], { QUEUE_URL: 'q' })).toHaveLength(1);
  expect(presentMembers([optional], { MAIL_QUEUE_URL: 'q' })).toHaveLength(1);
});

describe('together', () => {
  test('all faults of all settings are told at once, a common one once', () => {
    const all = compose(member('one', ['REDIS_URL']), member('two', ['REDIS_URL', 'BUCKET']));
    expect(() => all.configure({ ...base })).toThrow(
      /one, two: REDIS_URL is missing;[^\n]*\n {2}two: BUCKET is missing/,
    );
  });

  test('a setting that is also the own one of another service is refused', () => {
    const all = compose(member('order', ['URL']), member('dispatch', ['ORDER_URL']));
    expect(() => all.configure({ ...base, URL: 'x', ORDER_URL: 'y' })).toThrow(
      'ORDER_URL is a setting and also URL of order alone; rename one of them.',
    );
  });

  test('what one sets up in front stands before the routes of all, and not before /health', async () => {
    const plain = member('order', [], ['/orders']);
    const description = { name: 'gateway', config: CompositionConfig, portVariable: 'PORT' } as const;
    const closed: string[] = [];
    const service = defineService(
      description,
      async ({ PORT }, { app }) => {
        app.get('/port', async () => PORT);
        return {};
      },
      async (_config, { app }) => {
        app.addHook('onRequest', async (_request, reply) => void reply.header('x-front', 'yes'));
        return { ready: { gate: () => undefined }, close: async () => void closed.push('front') };
      },
    );
    const services = [plain.service, service].map((one) => one.configure(base));
    const running = await hostServices({ name: 'all', port: 0, services }, deps);
    const url = running.url.replace('0.0.0.0', '127.0.0.1');
    const headerOf = async (path: string) => (await fetch(url + path)).headers.get('x-front');
    expect(await Promise.all(['/orders', '/port', '/health'].map(headerOf))).toEqual(['yes', 'yes', null]);
    const { checks } = (await (await fetch(`${url}/ready`)).json()) as { checks: object };
    expect(checks).toEqual({ 'order.sea': 'ok', 'gateway.gate': 'ok' });
    await running.close();
    expect(closed).toEqual(['front']);
  });

  test('two services with one route are refused, naming both', async () => {
    const all = compose(member('one', [], ['/things/:id']), member('two', [], ['/things/:id']));
    await expect(all.configure({ ...base, PORT: '39471' }).start(deps)).rejects.toThrow(
      'one and two both answer GET /things/:id; run one of them by itself.',
    );
  });
});
