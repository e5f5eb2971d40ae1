import { spawn } from 'node:child_process';
import type { HookAnswer, HookCaller, HookInvocation, HookReporter } from '../hook-caller.ts';

/**
 * What stands for a Lambda function: the address of an HTTP endpoint that is POSTed the event, or a command
 * that reads it from its standard input and writes its answer to its standard output. Both in JSON.
 */
export type HookTarget = { url: string } | { command: readonly [string, ...string[]] };

export interface LiveHooksOptions {
  /** By ARN or by name of the function. */
  targets: Readonly<Record<string, HookTarget>>;
  now(): number;
  /** Takes why a call was answered FAILED for it. */
  warn(line: string): void;
}

/** A Lambda function may take 15 minutes a call. */
const LONGEST_CALL_MS = 15 * 60_000;

/** Calls HTTP endpoints and commands in place of Lambda functions. `stop` ends the calls under way. */
export function createLiveHooks(options: LiveHooksOptions): HookCaller & { stop(): void } {
  const ending = new AbortController();
  let report: HookReporter = () => {};

  async function answerOf(invocation: HookInvocation): Promise<HookAnswer> {
    const { targetArn, payload } = invocation;
    const [, , , , , , name = ''] = targetArn.split(':');
    const target = options.targets[targetArn] ?? options.targets[name];
    if (target === undefined) throw new Error(`no HTTP endpoint or command is set for ${targetArn}`);
    const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(LONGEST_CALL_MS)]);
    const event = JSON.stringify(payload);
    return readAnswer(
      'url' in target ? await post(target.url, event, signal) : await run(target.command, event, signal),
    );
  }

  return {
    call(invocation) {
      answerOf(invocation)
        .catch((error: unknown): HookAnswer => {
          if (!ending.signal.aborted) options.warn(`Lifecycle hook failed: ${String(error)}`);
          return { hookStatus: 'FAILED' };
        })
        .then((answer) => {
          if (!ending.signal.aborted) report(invocation, answer, options.now());
        })
        .catch((error: unknown) => options.warn(`The answer of a lifecycle hook broke: ${String(error)}`));
    },
    setReporter(next) {
      report = next;
    },
    stop: () => ending.abort(),
  };
}

async function post(url: string, body: string, signal: AbortSignal): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body, signal });
  if (!answer.ok) throw new Error(`HTTP ${answer.status} from ${url}`);
  return answer.text();
}

function run(
  [file, ...args]: readonly [string, ...string[]],
  input: string,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { signal, stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.on('error', reject);
    // A command that does not read its event may close its input before all is written.
    child.stdin.on('error', () => undefined);
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${file} ended with exit code ${code}`)),
    );
    child.stdin.end(input);
  });
}

/** `{ "hookStatus": "SUCCEEDED" | "FAILED" | "IN_PROGRESS", "callBackDelay"?: seconds }` */
function readAnswer(text: string): HookAnswer {
  const answer: unknown = JSON.parse(text);
  if (typeof answer === 'object' && answer !== null && 'hookStatus' in answer) {
    const { hookStatus } = answer;
    const delay = 'callBackDelay' in answer ? answer.callBackDelay : undefined;
    if (hookStatus === 'SUCCEEDED' || hookStatus === 'FAILED' || hookStatus === 'IN_PROGRESS') {
      return { hookStatus, ...(typeof delay === 'number' && delay >= 0 ? { callBackDelay: delay } : {}) };
    }
  }
  throw new Error(`the answer has no hookStatus of SUCCEEDED, FAILED or IN_PROGRESS: ${text.slice(0, 200)}`);
}
