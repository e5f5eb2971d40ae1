import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  type CreateServiceCommandInput,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  ListServiceDeploymentsCommand,
  RegisterTaskDefinitionCommand,
  type Service,
} from '@aws-sdk/client-ecs';
import type { ServiceDeploymentItem } from '../../actions/core/src/deployments-json.ts';
import type { Action, ActionResult } from '../../actions/core/src/github/action-run.ts';
import { type InputSpecs, readInputs } from '../../actions/core/src/github/inputs.ts';
import type { VerdictItem } from '../../actions/core/src/judge-deployments.ts';
import { type TestDeps, testDeps } from '../../actions/core/test/doubles/action-deps.ts';
import { virtualClock } from '../../actions/core/test/doubles/virtual-clock.ts';
import { deployService } from '../../actions/deploy-service/src/run.ts';
import { rollback } from '../../actions/rollback/src/run.ts';
import { waitForStable } from '../../actions/wait-for-stable/src/run.ts';
import {
  type Behaviour,
  scriptByImage,
  type TaskScript,
} from '../../local/aws/ecs/runtime/scripted-runtime.ts';
import {
  createVirtualEcs,
  type VirtualEcs,
  type VirtualEcsOptions,
} from '../../local/aws/ecs/virtual-ecs.ts';
import { makeTemporaryFolder } from '../../local/machine/temporary-folder.ts';

/** The target group of a service of that name. */
export const targetGroupOf = (name: string): string =>
  `arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/${name}/0123456789abcdef`;
const LOG_OPTIONS = {
  'awslogs-group': '/ecs/web',
  'awslogs-region': 'us-east-1',
  'awslogs-stream-prefix': 'web',
};
const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };

/** Behaviours, or sentences that tell them, by a part of the image's name; images that are not named go well. */
export type Behaviours = Readonly<Record<string, Behaviour | string>>;

/** What one step gave, with what it cost. */
export interface StepResult {
  outputs: Readonly<Record<string, unknown>>;
  failure: string | undefined;
  /** Virtual milliseconds. */
  tookMs: number;
  /** Names of the ECS operations called. */
  calls: string[];
  deployments: ServiceDeploymentItem[];
  verdicts: VerdictItem[];
}

/**
 * The three actions beside a whole ECS in one process and in virtual time: the SDK clients, the wire and the
 * actions' code are real. Cluster `shop`; a service is made with `open`.
 */
export interface Stage extends VirtualEcs {
  deps: TestDeps;
  workspace: string;
  /** Creates a service of two tasks behind a target group on `<name>:<image>`, and waits until it serves. */
  open(name: string, image: string, input?: Partial<CreateServiceCommandInput>): Promise<void>;
  deploy(name: string, image: string, inputs?: Record<string, string>): Promise<StepResult>;
  wait(inputs: Record<string, string>): Promise<StepResult>;
  rollback(inputs: Record<string, string>): Promise<StepResult>;
  /** Runs one action as the runner would, from texts. */
  step<S extends InputSpecs, N extends string>(
    action: Action<S, N>,
    inputs: Record<string, string>,
  ): Promise<StepResult>;
  describe(name: string): Promise<Service[]>;
  /** `family:revision` the service is set to. */
  running(name: string): Promise<string>;
  newestArn(name: string): Promise<string>;
  /** Statuses of the service's deployments, newest first. */
  history(name: string): Promise<string[]>;
  /** When the newest deployment ended, by ECS's own clock. */
  finishedAt(name: string): Promise<number>;
}

/** Workspaces of the stages that are open, for `closeStages`. */
const workspaces = new Set<string>();

/** Removes the workspaces of all stages; the last act of every test file. */
export function closeStages(): void {
  for (const workspace of workspaces) rmSync(workspace, { recursive: true, force: true });
  workspaces.clear();
}

/** Document of a one-container task definition. */
export function taskDefinition(family: string, image: string): Record<string, unknown> {
  return {
    family,
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    executionRoleArn: 'arn:aws:iam::123456789012:role/execution',
    containerDefinitions: [
      {
        name: family,
        image: `${family}:${image}`,
        portMappings: [{ containerPort: 8000 }],
        logConfiguration: { logDriver: 'awslogs', options: LOG_OPTIONS },
      },
    ],
  };
}

/** `logs` are the last lines of whichever container is asked for. Tasks behave by image, or as a script says. */
export async function openStage(
  behaviours: Behaviours | TaskScript = {},
  logs: readonly string[] = [],
  options: Pick<VirtualEcsOptions, 'apiBuckets' | 'faults' | 'images' | 'alarms'> = {},
): Promise<Stage> {
  const clock = virtualClock();
  const script = typeof behaviours === 'function' ? behaviours : scriptByImage(behaviours);
  const virtual = createVirtualEcs({ ...options, clock, script });
  const workspace = await makeTemporaryFolder(tmpdir(), 'stage');
  workspaces.add(workspace);
  const access = {
    region: 'us-east-1',
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'virtual' },
    requestHandler: withTargets(withLogs(virtual.requestHandler, logs), virtual.targetGroups),
  };
  const deps: TestDeps = { ...testDeps({ access, github: { workspace } }), clock };
  await virtual.client.send(new CreateClusterCommand({ clusterName: 'shop' }));

  const step: Stage['step'] = async (action, inputs) => {
    const before = { now: clock.now(), calls: virtual.calls.length };
    const result = await runStep(action, inputs, deps);
    return {
      ...result,
      failure: result.failure,
      tookMs: clock.now() - before.now,
      calls: virtual.calls.slice(before.calls),
      deployments: (result.outputs.deployments ?? []) as ServiceDeploymentItem[],
      verdicts: (result.outputs.verdicts ?? []) as VerdictItem[],
    };
  };
  const describe = async (name: string) => {
    const input = { cluster: 'shop', services: [name] };
    return (await virtual.client.send(new DescribeServicesCommand(input))).services ?? [];
  };
  const list = async (service: string) => {
    const { client } = virtual;
    const listed = await client.send(new ListServiceDeploymentsCommand({ cluster: 'shop', service }));
    const serviceDeploymentArns = (listed.serviceDeployments ?? []).flatMap(
      (one) => one.serviceDeploymentArn ?? [],
    );
    const described = await client.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }));
    return (described.serviceDeployments ?? []).sort((a, b) => Number(b.createdAt) - Number(a.createdAt));
  };

  return {
    ...virtual,
    deps,
    workspace,
    step,
    async open(name, image, input = {}) {
      virtual.targetGroups.create(targetGroupOf(name), 10_000);
      await virtual.client.send(new RegisterTaskDefinitionCommand(taskDefinition(name, image) as never));
      await virtual.client.send(
        new CreateServiceCommand({
          cluster: 'shop',
          serviceName: name,
          taskDefinition: name,
          desiredCount: 2,
          networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
          deploymentConfiguration: BREAKER,
          loadBalancers: [{ targetGroupArn: targetGroupOf(name), containerName: name, containerPort: 8000 }],
          ...input,
        }),
      );
      for (let i = 0; (await list(name))[0]?.status !== 'SUCCESSFUL'; i++) {
        if (i > 600) throw new Error(`${name} does not get up`);
        await clock.sleep(1_000);
      }
    },
    deploy(name, image, inputs = {}) {
      const file = `${name}-${image}.json`;
      writeFileSync(join(workspace, file), JSON.stringify(taskDefinition(name, image)));
      return step(deployService, { cluster: 'shop', service: name, 'task-definition': file, ...inputs });
    },
    wait: (inputs) => step(waitForStable, inputs),
    rollback: (inputs) => step(rollback, inputs),
    describe,
    running: async (name) => (await describe(name))[0]?.taskDefinition?.split('/').at(-1) ?? '',
    newestArn: async (name) => (await list(name))[0]?.serviceDeploymentArn ?? '',
    history: async (name) => (await list(name)).map(({ status }) => status ?? ''),
    finishedAt: async (name) => (await list(name))[0]?.finishedAt?.getTime() ?? 0,
  };
}

/** The `deployments` output as the text a later step gets. */
export function handOver({ deployments }: StepResult): { deployments: string } {
  return { deployments: JSON.stringify(deployments) };
}

async function runStep<S extends InputSpecs, N extends string>(
  action: Action<S, N>,
  given: Record<string, string>,
  deps: TestDeps,
): Promise<ActionResult<string>> {
  return action.run(
    readInputs(action.inputs, (name) => given[name] ?? ''),
    deps,
  );
}

type Handler = VirtualEcs['requestHandler'];

/** CloudWatch Logs beside the virtual ECS: every stream holds the same lines. */
function withLogs(ecs: Handler, lines: readonly string[]): Handler {
  return {
    ...ecs,
    handle: async (request, options) => {
      const target = request.headers['x-amz-target'] ?? '';
      if (!target.startsWith('Logs_')) return ecs.handle(request, options);
      const body = JSON.stringify({
        events: lines.map((message) => ({ message, timestamp: 0 })),
        logGroups: [{ logGroupName: LOG_OPTIONS['awslogs-group'] }],
      });
      const headers = { 'content-type': 'application/x-amz-json-1.1' };
      return { response: { statusCode: 200, headers, body: Readable.from([Buffer.from(body)]) } as never };
    },
  };
}

/** The load balancer beside the virtual ECS: the one call a proof makes. */
function withTargets(others: Handler, groups: VirtualEcs['targetGroups']): Handler {
  return {
    ...others,
    handle: async (request, options) => {
      const form = new URLSearchParams(request.body instanceof Uint8Array ? '' : String(request.body ?? ''));
      const arn = form.get('TargetGroupArn');
      const asked = form.get('TargetGroupArns.member.1');
      if (asked)
        return xml(
          'DescribeTargetGroups',
          `<TargetGroups>${groups.exists(asked) ? '<member/>' : ''}</TargetGroups>`,
        );
      if (!arn) return others.handle(request, options);
      const members = groups.registered(arn).map((id) => {
        const { state } = groups.health(arn, { id, port: 8000 });
        return `<member><Target><Id>${id}</Id><Port>8000</Port></Target><TargetHealth><State>${state}</State></TargetHealth></member>`;
      });
      return xml(
        'DescribeTargetHealth',
        `<TargetHealthDescriptions>${members.join('')}</TargetHealthDescriptions>`,
      );
    },
  };
}

/** An answer of the load balancer in the AWS Query protocol. */
function xml(operation: string, content: string) {
  const space = 'xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"';
  const body = `<${operation}Response ${space}><${operation}Result>${content}</${operation}Result></${operation}Response>`;
  const headers = { 'content-type': 'text/xml' };
  return { response: { statusCode: 200, headers, body: Readable.from([Buffer.from(body)]) } as never };
}
