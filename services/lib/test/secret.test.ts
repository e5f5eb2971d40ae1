import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createManualClock } from '../../test/doubles/manual-clock.ts';
import { readDatabaseSecret } from '../database-access.ts';
import { secretsManagerSecret } from '../secret.ts';

/** A secret behind the wire of Secrets Manager, which can be rotated, be away, and counts its readings. */
function createRig(text = 'first') {
  const stored = { text, isAway: false, asked: [] as string[] };
  const clock = createManualClock();
  const options = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: {
      async handle({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) {
        stored.asked.push(
          `${headers['x-amz-target']} ${JSON.parse(new TextDecoder().decode(body)).SecretId}`,
        );
        const answer = stored.isAway ? { __type: 'InternalServiceError' } : { SecretString: stored.text };
        const reply = new TextEncoder().encode(JSON.stringify(answer));
        return { response: { statusCode: stored.isAway ? 500 : 200, headers: {}, body: reply } };
      },
    },
  };
  const secret = secretsManagerSecret({ options, id: 'db/orders', clock, log: pino({ level: 'silent' }) });
  return { stored, clock, secret };
}

describe('a secret of Secrets Manager', () => {
  test('is asked for by its name, once for many who need it, and again after a minute', async () => {
    const { stored, clock, secret } = createRig();
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => secret.read())))).toEqual(
      new Set(['first']),
    );
    expect(stored.asked).toEqual(['secretsmanager.GetSecretValue db/orders']);
    stored.text = 'second';
    await clock.advance(59_999);
    expect(await secret.read()).toBe('first');
    await clock.advance(1);
    expect(await secret.read()).toBe('second');
  });

  test('stays what it was while Secrets Manager is away, and is a fault before it was ever read', async () => {
    const { stored, clock, secret } = createRig();
    stored.isAway = true;
    await expect(secret.read()).rejects.toThrow();
    stored.isAway = false;
    expect(await secret.read()).toBe('first');
    stored.isAway = true;
    await clock.advance(3_600_000);
    expect(await secret.read()).toBe('first');
  });

  test('that was refused by whom it is for is asked for at once', async () => {
    const { stored, secret } = createRig();
    await secret.read();
    stored.text = 'second';
    secret.forget();
    expect(await secret.read()).toBe('second');
  });
});

describe('the secret of a database', () => {
  const host = { host: 'db.internal', port: 5433, dbname: 'platform', username: 'orders' };

  test('says where it is, and its password is looked up for each connection, so that a rotated one works', async () => {
    const { stored, clock, secret } = createRig(JSON.stringify({ ...host, password: 'old' }));
    const access = await readDatabaseSecret(secret, clock);
    expect(access).toMatchObject({
      host: 'db.internal',
      port: 5433,
      database: 'platform',
      user: 'orders',
      ssl: true,
    });
    expect(await access.password()).toBe('old');
    stored.text = JSON.stringify({ ...host, password: 'new' });
    await clock.advance(60_000);
    expect(await access.password()).toBe('new');
  });

  test.each(['no JSON: hunter2', JSON.stringify({ ...host, passwrod: 'hunter2' })])(
    'that cannot be used is refused without being quoted: %j',
    async (text) => {
      const { secret, clock } = createRig(text);
      const refusal = readDatabaseSecret(secret, clock);
      await expect(refusal).rejects.toThrow('must be JSON with host, username and password');
      await expect(refusal).rejects.not.toThrow('hunter2');
    },
  );
});
