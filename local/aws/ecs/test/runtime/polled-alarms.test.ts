import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { AlarmView } from '../../alarm-states.ts';
import { describeAlarmsAt } from '../../runtime/describe-alarms.ts';
import { createPolledAlarms } from '../../runtime/polled-alarms.ts';

const PLACE = { accountId: '123456789012', region: 'eu-west-1' };
const ERRORS: AlarmView = { name: 'errors', state: 'ALARM', windowMs: 60_000 };

describe('polled alarms', () => {
  /** Alarms whose next reading begins when `tick` is called. */
  function polled(answers: (AlarmView[] | Error)[]) {
    const warnings: string[] = [];
    let tick = () => {};
    const alarms = createPolledAlarms({
      read: async () => {
        const answer = answers.shift() ?? [];
        if (answer instanceof Error) throw answer;
        return answer;
      },
      sleep: () => new Promise((resolve) => (tick = resolve)),
      intervalMs: 1000,
      warn: (line) => warnings.push(line),
    });
    const changed = () => new Promise<void>((resolve) => alarms.onChange(resolve));
    return { alarms, warnings, changed, tick: () => tick() };
  }

  it('are not known before the first answer, and then again and again', async () => {
    const { alarms, changed, tick } = polled([[], [ERRORS]]);
    const first = changed();
    alarms.watch('arn:1', PLACE, ['errors']);
    expect(alarms.read('arn:1')).toBeUndefined();
    await first;
    expect(alarms.read('arn:1')).toEqual([]);
    await new Promise(setImmediate);
    const second = changed();
    tick();
    await second;
    expect(alarms.read('arn:1')).toEqual([ERRORS]);
    alarms.unwatch('arn:1');
    expect(alarms.read('arn:1')).toBeUndefined();
  });

  it('keep their last answer when a reading fails, and say so', async () => {
    const { alarms, changed, warnings, tick } = polled([[ERRORS], new Error('Rate exceeded'), []]);
    const first = changed();
    alarms.watch('arn:1', PLACE, ['errors']);
    await first;
    await new Promise(setImmediate);
    tick();
    await new Promise(setImmediate);
    expect(alarms.read('arn:1')).toEqual([ERRORS]);
    expect(warnings).toEqual(['DescribeAlarms failed: Error: Rate exceeded']);
    alarms.stop();
  });
});

describe('DescribeAlarms', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  async function serve(status: number, body: object) {
    const seen: { headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
    const opened = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      seen.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end(JSON.stringify(body));
    });
    server = opened;
    await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve));
    const address = opened.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    return { read: describeAlarmsAt(`http://127.0.0.1:${port}`, fetch), seen };
  }

  it('is asked as the account, in the Region, for all names at once', async () => {
    const { read, seen } = await serve(200, {
      MetricAlarms: [{ AlarmName: 'errors', StateValue: 'ALARM', Period: 60, EvaluationPeriods: 3 }],
      CompositeAlarms: [{ AlarmName: 'all', StateValue: 'INSUFFICIENT_DATA' }],
    });
    expect(await read(PLACE, ['errors', 'all'])).toEqual([
      { name: 'errors', state: 'ALARM', windowMs: 180_000 },
      { name: 'all', state: 'INSUFFICIENT_DATA', windowMs: 0 },
    ]);
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ AlarmNames: ['errors', 'all'] });
    expect(seen[0]?.headers.authorization).toContain(
      'Credential=123456789012/20260101/eu-west-1/monitoring/',
    );
  });

  it('fails on any other answer', async () => {
    const { read } = await serve(500, {});
    await expect(read(PLACE, ['errors'])).rejects.toThrow('HTTP 500');
  });
});
