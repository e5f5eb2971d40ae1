import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HookAnswer, HookInvocation } from '../../hook-caller.ts';
import { createLiveHooks, type HookTarget } from '../../runtime/live-hooks.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:check';
const INVOCATION: HookInvocation = {
  hookId: '1',
  targetArn: ARN,
  payload: {
    executionDetails: {
      serviceArn: 'service',
      targetServiceRevisionArn: 'revision',
      testTrafficWeights: {},
      productionTrafficWeights: {},
    },
    executionId: '1',
    lifecycleStage: 'PRE_SCALE_UP',
    resourceArn: 'deployment',
  },
};

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** Calls a hook and gives its answer with the warnings there were. */
function ask(targets: Record<string, HookTarget>): Promise<{ answer: HookAnswer; warnings: string[] }> {
  const warnings: string[] = [];
  const hooks = createLiveHooks({ targets, now: () => 7, warn: (line) => warnings.push(line) });
  return new Promise((resolve) => {
    hooks.setReporter((_invocation, answer) => resolve({ answer, warnings }));
    hooks.call(INVOCATION);
  });
}

async function endpoint(status: number, answer: string): Promise<{ url: string; events: string[] }> {
  const events: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    events.push(body);
    response.writeHead(status).end(answer);
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}/hook`, events };
}

const script = (text: string): HookTarget => ({ command: [process.execPath, '-e', text] });
const ECHO_STAGE =
  "let s='';process.stdin.on('data',d=>s+=d).on('end',()=>console.log(JSON.stringify({hookStatus:JSON.parse(s).lifecycleStage==='PRE_SCALE_UP'?'SUCCEEDED':'FAILED'})))";

describe('a hook in place of a Lambda function', () => {
  it('is an HTTP endpoint that is sent the event', async () => {
    const { url, events } = await endpoint(200, '{"hookStatus":"IN_PROGRESS","callBackDelay":5}');
    const { answer } = await ask({ [ARN]: { url } });
    expect(answer).toEqual({ hookStatus: 'IN_PROGRESS', callBackDelay: 5 });
    expect(events.map((event) => JSON.parse(event))).toEqual([INVOCATION.payload]);
  });

  it('is a command that reads the event, named by the function', async () => {
    expect((await ask({ check: script(ECHO_STAGE) })).answer).toEqual({ hookStatus: 'SUCCEEDED' });
  });

  it.each<[string, HookTarget | undefined, string]>([
    ['has no target', undefined, 'no HTTP endpoint or command is set for'],
    ['ends with another exit code', script('process.exit(3)'), 'exit code 3'],
    ['answers no JSON', script('console.log("yes")'), 'Unexpected token'],
    ['answers another word', script('console.log(JSON.stringify({hookStatus:"OK"}))'), 'hookStatus'],
    ['is no program', { command: ['/no/such/program'] }, 'ENOENT'],
  ])('that %s has failed, and it is said why', async (_title, target, why) => {
    const { answer, warnings } = await ask(target === undefined ? {} : { check: target });
    expect(answer).toEqual({ hookStatus: 'FAILED' });
    expect(warnings.join()).toContain(why);
  });

  it('that answers an HTTP error has failed', async () => {
    const { url } = await endpoint(500, '{"hookStatus":"SUCCEEDED"}');
    const { answer, warnings } = await ask({ [ARN]: { url } });
    expect([answer.hookStatus, warnings.join()]).toEqual(['FAILED', expect.stringContaining('HTTP 500')]);
  });
});
