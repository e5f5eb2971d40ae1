import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { systemClock } from '../../lib/clock.ts';
import type { RunningService } from '../../lib/service.ts';
import { type AwsDouble, startAwsDouble } from '../../test/doubles/aws-double.ts';
import { service } from '../service.ts';

const data = {
  email_subject: 'Happy new year!',
  email_sender: 'John doe',
  email_timestream: '1693561101',
  email_content: 'Just want to say… Happy new year!!!',
};
const token = 'right-token';

let aws: AwsDouble;
let running: RunningService;
let base: string;
let logged: string;

beforeEach(async () => {
  aws = await startAwsDouble();
  logged = '';
  const write = (line: string) => {
    logged += line;
  };
  const log = pino({ level: 'debug' }, { write });
  const environment = {
    PORT: '0',
    AWS_REGION: 'us-east-1',
    // Another host than the endpoint: the queue URL names a queue, it is not where the calls go.
    SQS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/email',
    SSM_TOKEN_PARAMETER: '/email/token',
    SERVICE_VERSION: 'abc123',
    // It shares one event loop with the tests, which ask for more than it can do at once.
    SHED_ABOVE_MS: '0',
  };
  const deps = { clock: systemClock, random: () => 0, log, aws: aws.access };
  running = await service.configure(environment).start(deps);
  base = `http://127.0.0.1:${new URL(running.url).port}`;
});

afterEach(async () => {
  await running.close();
  await aws.close();
});

async function post(body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${base}/api/email`, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

const bearer = { authorization: `Bearer ${token}` };

describe('POST /api/email', () => {
  test('answers 202 with the id SQS gave, for a token in the body or as bearer', async () => {
    const inBody = await post({ token, data });
    const asBearer = await post({ data }, bearer);
    expect([inBody.status, asBearer.status]).toEqual([202, 202]);
    expect(aws.accepted.map(({ messageId }) => ({ status: 'queued', messageId }))).toEqual([
      inBody.json,
      asBearer.json,
    ]);
  });

  test('queues exactly the four fields', async () => {
    await post({ token, data });
    expect(aws.accepted.map(({ body }) => JSON.parse(body))).toEqual([data]);
  });

  test('takes a sender that is no address and characters SQS cannot take as they are', async () => {
    const odd = { ...data, email_sender: 'John doe', email_content: 'end of text \uFFFF \u0001 👋' };
    expect((await post({ token, data: odd })).status).toBe(202);
    expect(aws.accepted[0]?.body).not.toContain('\uFFFF');
    expect(JSON.parse(aws.accepted[0]?.body ?? '')).toEqual(odd);
  });

  test.each([
    ['no token', { data }, {}, 'TOKEN_MISSING'],
    ['an empty token', { token: '', data }, {}, 'TOKEN_MISSING'],
    ['a token that is no text', { token: 7, data }, {}, 'TOKEN_MISSING'],
    ['a wrong token', { token: 'wrong', data }, {}, 'TOKEN_WRONG'],
    ['a wrong bearer beside the right token', { token, data }, { authorization: 'Bearer x' }, 'TOKEN_WRONG'],
    ['a body without anything', {}, {}, 'TOKEN_MISSING'],
  ])('answers 401 to %s', async (_case, body, headers, code) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.json).toMatchObject({ status: 401, code });
    expect(aws.accepted).toEqual([]);
  });

  test.each(['email_subject', 'email_sender', 'email_timestream', 'email_content'])(
    'answers 400 naming %s when it is missing, empty or no text',
    async (field) => {
      const missing = Object.fromEntries(Object.entries(data).filter(([name]) => name !== field));
      for (const faulty of [missing, { ...data, [field]: '' }, { ...data, [field]: 5 }]) {
        const { status, json } = await post({ token, data: faulty });
        expect(status).toBe(400);
        expect(json).toMatchObject({ code: 'BODY_INVALID', field: `data.${field}` });
      }
      expect(aws.accepted).toEqual([]);
    },
  );

  test.each([
    ['an unknown field of the mail', { token, data: { ...data, bcc: 'x' } }, 'data.bcc'],
    ['an unknown field', { token, data, extra: 1 }, 'extra'],
    ['no mail', { token }, 'data'],
    ['a mail that is a text', { token, data: 'x' }, 'data'],
    [
      'a time that is no time',
      { token, data: { ...data, email_timestream: 'now' } },
      'data.email_timestream',
    ],
  ])('answers 400 to %s', async (_case, body, field) => {
    expect(await post(body)).toMatchObject({ status: 400, json: { code: 'BODY_INVALID', field } });
  });

  test.each([
    ['{"token":', 400, 'BODY_NOT_JSON'],
    ['', 400, 'BODY_NOT_JSON'],
  ])('answers the body %j with %i', async (body, status, code) => {
    expect(await post(body, bearer)).toMatchObject({ status, json: { code } });
  });

  test('answers 413 above 256 KiB and takes what is just below', async () => {
    const frame = JSON.stringify({ token, data: { ...data, email_content: '' } }).length;
    const content = (bytes: number) => ({
      token,
      data: { ...data, email_content: 'x'.repeat(bytes - frame) },
    });
    expect(await post(content(262_145))).toMatchObject({ status: 413, json: { code: 'BODY_TOO_LARGE' } });
    expect(await post(content(262_144))).toMatchObject({ status: 202 });
  });

  test('answers 415 to another media type', async () => {
    const answer = await post('token=x', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(answer).toMatchObject({ status: 415, json: { code: 'BODY_MEDIA_TYPE' } });
  });

  test('keeps the mail and the token out of the log', async () => {
    await post({ token, data });
    await post({ token: 'wrong-token', data }, {});
    expect(logged).not.toMatch(/Happy new year|right-token|wrong-token|John doe/);
  });
});

describe('when SQS does not take mails', () => {
  test.each([
    ['throttles', { code: 'ThrottlingException', status: 400 }],
    ['refuses', { code: 'AccessDeniedException', status: 403 }],
    ['fails', { code: 'InternalFailure', status: 500 }],
  ])('answers 503 with Retry-After while it %s, and 202 again afterwards', async (_case, fault) => {
    aws.script.sqsFault = fault;
    const answer = await post({ token, data });
    expect(answer).toMatchObject({ status: 503, json: { code: 'QUEUE_UNAVAILABLE' } });
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(JSON.stringify(answer.json)).not.toContain(fault.code);
    aws.script.sqsFault = undefined;
    expect((await post({ token, data })).status).toBe(202);
    expect(aws.accepted).toHaveLength(1);
  });

  test('fails only the caller whose entry failed', async () => {
    aws.script.entryFault = ({ MessageBody }) =>
      MessageBody.includes('bad') ? { Code: 'InternalError', SenderFault: false } : undefined;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        post({ token, data: { ...data, email_subject: n === 7 ? 'bad' : `${n}` } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map((_, n) => (n === 7 ? 503 : 202)));
  });

  test('sends a failed entry once more before giving up', async () => {
    aws.script.entryFault = (_entry, call) =>
      call === 1 ? { Code: 'ServiceUnavailable', SenderFault: false } : undefined;
    expect((await post({ token, data })).status).toBe(202);
  });

  test('answers 400 when the message itself is at fault', async () => {
    aws.script.entryFault = () => ({
      Code: 'InvalidMessageContents',
      SenderFault: true,
      Message: 'bad text',
    });
    expect(await post({ token, data })).toMatchObject({ status: 400, json: { code: 'MESSAGE_REFUSED' } });
  });

  test('answers nothing 202 that SQS has not spoken of', async () => {
    aws.script.entryFault = () => 'left out';
    expect((await post({ token, data })).status).toBe(503);
    expect(aws.accepted).toEqual([]);
  });

  test('answers 503 to mail 2,001 in the queue and loses none of the others', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    aws.script.sqsGate = () => gate;
    const posts = Array.from({ length: 2_100 }, (_, n) =>
      post({ token, data: { ...data, email_subject: `${n}` } }),
    );
    // Eight calls are held; the rest waits, and what is beyond it is refused while they are still held.
    const refused = await Promise.race(
      posts.map(async (answer) => ((await answer).status === 503 ? answer : forever())),
    );
    expect(refused).toMatchObject({ status: 503, json: { code: 'QUEUE_UNAVAILABLE' } });
    open();
    const statuses = (await Promise.all(posts)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([202, 503]));
    // A mail whose call timed out while it was held may be there too; one that was promised must be.
    const stored = new Set(aws.accepted.map(({ body }) => JSON.parse(body).email_subject));
    expect(statuses.flatMap((status, n) => (status === 202 && !stored.has(`${n}`) ? [n] : []))).toEqual([]);
    // Two thousand requests take their time on a busy machine.
  }, 60_000);
});

describe('beside the route', () => {
  test('/health says that the process works whatever its dependencies do', async () => {
    aws.script.ssmFault = { code: 'InternalServerError', status: 500 };
    const response = await fetch(`${base}/health`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  test('/version names the commit', async () => {
    const response = await fetch(`${base}/version`);
    expect(await response.json()).toEqual({ service: 'email-api', version: 'abc123' });
  });

  test('/metrics counts mails by outcome and the size of batches', async () => {
    await post({ token, data });
    await post({ data });
    await post({ token, data: {} });
    const text = await (await fetch(`${base}/metrics`)).text();
    expect(text).toContain('emails_received_total{result="accepted",service="email-api"} 1');
    expect(text).toContain('emails_received_total{result="unauthorized",service="email-api"} 1');
    expect(text).toContain('emails_received_total{result="invalid",service="email-api"} 1');
    expect(text).toContain('emails_sent_batch_size_count{service="email-api"} 1');
    expect(text).toMatch(/build_info\{version="abc123".*\} 1/);
  });

  test('an unknown path gets a problem document', async () => {
    const response = await fetch(`${base}/api/mails?secret=x`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: 'ROUTE_UNKNOWN',
      detail: 'There is no GET /api/mails.',
    });
  });

  test('draining turns /ready to 503 and asks for the connection to be closed, while mails are still taken', async () => {
    await post({ token, data });
    expect((await fetch(`${base}/ready`)).status).toBe(200);
    running.beginDrain();
    const ready = await fetch(`${base}/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ status: 'draining', checks: { ssm: 'ok' } });
    const answer = await post({ token, data });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('connection')).toBe('close');
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });
});

function forever(): Promise<never> {
  return new Promise(() => {});
}
