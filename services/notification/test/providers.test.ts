import { describe, expect, test } from '@jest/globals';
import { guarded } from '../providers/guard.ts';
import { judge, parseRetryAfter } from '../providers/http.ts';
import { parseProviderKeys } from '../providers/keys.ts';
import { KeyRefusedError, type Outcome, type Provider, ProviderAwayError } from '../providers/provider.ts';
import { summarise } from '../sender.ts';

const sent: Outcome = { kind: 'sent' };
const later: Outcome = { kind: 'later', reason: 'busy' };
const refused: Outcome = { kind: 'refused', reason: 'bad' };

describe('an answer', () => {
  const call = {
    name: 'P',
    takenBy: [202],
    isTaken: (body: string) => body === '',
    codeOf: (body: string) => body,
  };
  const judged = (status: number, text = '', retryAfter: string | null = null) =>
    judge(call, { status, text, retryAfter }, 0);

  test.each<[number, string, Outcome]>([
    [202, '', sent],
    [429, '', { kind: 'later', reason: 'P takes no more now (429).' }],
    [400, '21211', { kind: 'refused', reason: 'P refuses it (400, 21211).' }],
    [400, 'the address a@b.example', { kind: 'refused', reason: 'P refuses it (400).' }],
    [404, '', { kind: 'refused', reason: 'P refuses it (404).' }],
  ])('%i %j is judged', (status, text, expected) => {
    expect(judged(status, text)).toEqual(expected);
  });

  test('may say that the address is gone', () => {
    const gone = judge({ ...call, goneCode: 'GONE' }, { status: 404, text: 'GONE', retryAfter: null }, 0);
    expect(gone).toEqual({ kind: 'refused', reason: 'P refuses it (404, GONE).', isGone: true });
  });

  test.each([500, 502, 503, 408, 200, 302])('%i means that the provider is away', (status) => {
    expect(() => judged(status)).toThrow(new ProviderAwayError(`P answers ${status}.`));
  });

  test('that is not its own means so too', () => {
    expect(() => judged(202, '<html>')).toThrow('P answers 202 with something that is not its own.');
  });

  test.each([401, 403])('%i means that our key is refused', (status) => {
    expect(() => judged(status)).toThrow(KeyRefusedError);
  });

  test.each([
    [null, undefined],
    ['120', 120_000],
    ['Thu, 01 Jan 1970 00:01:00 GMT', 60_000],
    ['-5', undefined],
    ['soon', undefined],
    ['999999', 3_600_000],
  ])('says when to come back: %j', (header, expected) => {
    expect(parseRetryAfter(header, 0)).toBe(expected);
  });
});

describe('a guarded provider', () => {
  const message = { id: '1', to: 'a', subject: 's', text: 't', html: 'h' };
  const { signal } = new AbortController();
  let refusals = 0;
  const guard = (send: Provider['send'], timeoutMs = 1_000) =>
    guarded(
      { name: 'P', send },
      { patience: { timeoutMs, faults: 3, restMs: 50 }, onKeyRefused: () => (refusals += 1) },
    );

  test('is left alone after faults in a row, and tried again by one message', async () => {
    let calls = 0;
    let isAway = true;
    const provider = guard(async () => {
      calls += 1;
      if (isAway) throw new ProviderAwayError('P answers 500.');
      return sent;
    });
    for (let index = 0; index < 10; index += 1) await provider.send(message, signal);
    expect(calls).toBe(3);
    expect(await provider.send(message, signal)).toEqual({
      ...{ kind: 'later', reason: 'P is away and left alone for a while.', afterMs: 50 },
    });
    isAway = false;
    await expectSoon(async () => (await provider.send(message, signal)).kind === 'sent');
    expect(calls).toBe(4);
  });

  test('that is busy, or refuses a message, is not away', async () => {
    for (const outcome of [later, refused]) {
      const provider = guard(async () => outcome);
      for (let index = 0; index < 5; index += 1) expect(await provider.send(message, signal)).toBe(outcome);
    }
  });

  test('that hangs costs no more than its time', async () => {
    const provider = guard(() => new Promise(() => undefined), 20);
    expect(await provider.send(message, signal)).toEqual({
      kind: 'later',
      reason: 'P did not answer within 20 ms.',
    });
  });

  test('that refuses our key has the secret read again, and is not left alone for it', async () => {
    const provider = guard(async () => {
      throw new KeyRefusedError('P answers 401.');
    });
    for (let index = 0; index < 5; index += 1) {
      expect(await provider.send(message, signal)).toEqual({ kind: 'later', reason: 'P refuses our key.' });
    }
    expect(refusals).toBe(5);
  });

  test('is given up when the service is', async () => {
    const stop = new AbortController();
    const sending = guard(() => new Promise(() => undefined), 200).send(message, stop.signal);
    stop.abort(new Error('stopping'));
    await expect(sending).rejects.toThrow('stopping');
  });
});

async function expectSoon(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await isSo())) expect(Date.now()).toBeLessThan(end);
}

test.each<[string, Outcome[], Outcome]>([
  ['one device of several took it', [refused, later, sent], sent],
  ['one may still take it', [refused, later], later],
  ['none can', [refused, refused], refused],
])('a message to several addresses: %s', (_what, outcomes, expected) => {
  expect(summarise(outcomes)).toBe(expected);
});

describe("the providers' secret", () => {
  test('names where a provider usually is', () => {
    const { sendgrid } = parseProviderKeys('{"sendgrid":{"apiKey":"k","from":"a@b.example"}}');
    expect(sendgrid?.url).toBe('https://api.sendgrid.com');
  });

  test.each([
    ['not JSON', 'is not JSON'],
    ['{"twilio":{"accountSid":"secret"}}', '/twilio must have required properties'],
    ['{"slack":{"webhooks":{"acme":"secret"}}}', '/slack/webhooks/acme'],
  ])('that is not usable is refused by the field, without a value: %s', (text, message) => {
    expect(() => parseProviderKeys(text)).toThrow(message);
    expect(() => parseProviderKeys(text)).not.toThrow(/secret"/);
  });
});
