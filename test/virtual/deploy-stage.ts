import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  DescribeScalableTargetsCommand,
  ListTagsForResourceCommand,
  RegisterScalableTargetCommand,
  type SuspendedState,
} from '@aws-sdk/client-application-auto-scaling';
import { stringify } from 'yaml';
import { deployService } from '../../actions/deploy-service/src/run.ts';
import type { TaskScript } from '../../local/aws/ecs/runtime/scripted-runtime.ts';
import { openStage, type Stage, type StepResult, taskDefinition } from './stage.ts';

/** A stage with what a whole deployment meets beside ECS: live logs, autoscaling, and what each call has sent. */
export interface DeployStage extends Stage {
  /** Inputs of all calls of one operation, oldest first. */
  sent(operation: string): Record<string, unknown>[];
  /** Writes lines to a container's log stream, each visible from so long after the stream is asked for first. */
  writeLogs(stream: RegExp, lines: readonly { afterMs: number; line: string }[]): void;
  /** From now on the role may not make calls of that name. */
  refuse(operation: string): void;
  /** Writes a manifest of services in the environment `prod`, and a task definition `<name>.json` of image 2 for each. */
  manifest(services: Readonly<Record<string, object>>): void;
  /** Deploys services of that manifest. */
  deployAll(names: readonly string[], inputs?: Record<string, string>): Promise<StepResult>;
  /** Starts a run that ends, as a killed process does, once a call of that name, or its n-th call, was carried out; no line of it runs on. */
  killAfter(call: string | number, run: () => Promise<unknown>): Promise<void>;
  /** Makes the service's desired count scalable. */
  scale(name: string, suspended?: SuspendedState): Promise<void>;
  /** Which scaling of a service is suspended, and the tags of its scalable target. */
  scaling(name: string): Promise<{ suspended: string[]; tags: Record<string, string> }>;
}

/** Operations that change something; what a refused run must not have called. */
export const WRITE = /^(Register|Update|Stop|Run|Tag|Untag|Create|Delete|Continue|Put|Deregister)/;

type Handler = Stage['requestHandler'];
type Request = Parameters<Handler['handle']>[0];

/** `script` says how tasks behave; without one all go well. */
export async function openDeployStage(
  script: TaskScript = () => ({}),
  options: Parameters<typeof openStage>[2] = {},
): Promise<DeployStage> {
  const stage = await openStage(script, [], options);
  const sent: { operation: string; input: Record<string, unknown> }[] = [];
  const streams: { pattern: RegExp; lines: readonly { afterMs: number; line: string }[] }[] = [];
  const opened = new Map<string, number>();
  const { deps } = stage;
  const { requestHandler } = stage.deps.access({});
  if (!requestHandler || !('handle' in requestHandler)) throw new Error('the stage has a handler');
  const others = requestHandler as Handler;
  const readEvents = (input: Record<string, unknown>) => {
    const stream = String(input.logStreamName);
    const since = opened.get(stream) ?? deps.clock.now();
    opened.set(stream, since);
    const lines = streams.filter(({ pattern }) => pattern.test(stream)).flatMap((one) => one.lines);
    const visible = lines.filter(({ afterMs }) => since + afterMs <= deps.clock.now());
    const from = Number(input.nextToken ?? 0);
    const events = visible.slice(from).map(({ line }) => ({ message: line, timestamp: 0 }));
    return { events, nextForwardToken: String(visible.length) };
  };
  const refused = new Set<string>();
  let life: { endsAfter: string | number; calls: number; isOver: boolean; end: () => void } | undefined;
  const never = new Promise<never>(() => {});
  const handle: Handler['handle'] = async (request, options) => {
    const mine = life;
    if (mine?.isOver) return never;
    const answered = await carryOut(request, options);
    if (mine && ++mine.calls && isLast(mine, request.headers['x-amz-target'])) {
      mine.isOver = true;
      mine.end();
    }
    return mine?.isOver ? never : answered;
  };
  const carryOut: Handler['handle'] = async (request, options) => {
    const target = request.headers['x-amz-target'] ?? '';
    const operation = target.split('.').at(-1) ?? '';
    const input = inputOf(request);
    sent.push({ operation, input });
    if (refused.has(operation)) return answer({ __type: 'AccessDeniedException', message: 'no' }, 400);
    if (operation === 'GetLogEvents') return answer(readEvents(input));
    if (target.startsWith('AnyScaleFrontendService'))
      return stage.scalingRequestHandler.handle(request, options);
    return others.handle(request, options);
  };
  Object.assign(deps, {
    access: () => ({
      region: 'us-east-1',
      credentials: { accessKeyId: '123456789012', secretAccessKey: 'virtual' },
      requestHandler: { ...others, handle },
    }),
  });
  const target = (name: string) =>
    ({
      ServiceNamespace: 'ecs',
      ScalableDimension: 'ecs:service:DesiredCount',
      ResourceId: `service/shop/${name}`,
    }) as const;
  return {
    ...stage,
    sent: (operation) => sent.filter((one) => one.operation === operation).map(({ input }) => input),
    writeLogs: (pattern, lines) => void streams.push({ pattern, lines }),
    refuse: (operation) => void refused.add(operation),
    manifest(services) {
      const prod = { account: '123456789012', region: 'us-east-1', cluster: 'shop' };
      const text = stringify({ version: 1, environments: { prod }, services });
      writeFileSync(join(stage.workspace, 'berth.yaml'), text);
      for (const name of Object.keys(services))
        writeFileSync(join(stage.workspace, `${name}.json`), JSON.stringify(taskDefinition(name, '2')));
    },
    deployAll(names, inputs = {}) {
      const files = JSON.stringify(Object.fromEntries(names.map((name) => [name, `${name}.json`])));
      return stage.step(deployService, { environment: 'prod', 'task-definitions': files, ...inputs });
    },
    async killAfter(call, run) {
      const { promise, resolve } = Promise.withResolvers<void>();
      life = { endsAfter: call, calls: 0, isOver: false, end: resolve };
      await Promise.race([promise, run()]);
      life = undefined;
    },
    async scale(name, suspended = {}) {
      const input = { ...target(name), MinCapacity: 1, MaxCapacity: 10, SuspendedState: suspended };
      await stage.scalingClient.send(new RegisterScalableTargetCommand(input));
    },
    async scaling(name) {
      const { ResourceId, ...where } = target(name);
      const command = new DescribeScalableTargetsCommand({ ...where, ResourceIds: [ResourceId] });
      const [found] = (await stage.scalingClient.send(command)).ScalableTargets ?? [];
      const tags = await stage.scalingClient.send(
        new ListTagsForResourceCommand({ ResourceARN: found?.ScalableTargetARN ?? '' }),
      );
      const suspended = Object.entries(found?.SuspendedState ?? {}).flatMap(([key, is]) => (is ? [key] : []));
      return { suspended, tags: tags.Tags ?? {} };
    },
  };
}

function isLast({ endsAfter, calls }: { endsAfter: string | number; calls: number }, target = ''): boolean {
  return typeof endsAfter === 'number' ? calls === endsAfter : target.endsWith(`.${endsAfter}`);
}

function inputOf({ body }: Request): Record<string, unknown> {
  const text = ArrayBuffer.isView(body)
    ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
    : String(body ?? '');
  return text.startsWith('{') ? JSON.parse(text) : {};
}

function answer(value: object, statusCode = 200) {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  const body = Readable.from([Buffer.from(JSON.stringify(value))]);
  return { response: { statusCode, headers, body } as never };
}
