import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readInputs } from '../../actions/core/src/github/inputs.ts';
import type { VerdictItem } from '../../actions/core/src/judge-deployments.ts';
import { testDeps } from '../../actions/core/test/doubles/action-deps.ts';
import { recordingLog } from '../../actions/core/test/doubles/recording-log.ts';
import { waitForStable } from '../../actions/wait-for-stable/src/run.ts';
import type { Ground } from './ground.ts';
import type { Scenario } from './scenarios.ts';

/** What a tool made of a scenario. Times are scaled epoch milliseconds. */
export interface ToolResult {
  green: boolean;
  /** Its own word for it. */
  said: string;
  /** When it first told what has come of the deployment. */
  toldAt: number;
  calls: number;
}

/** A tool under test; `key` is the access key id it calls with. */
export interface Tool {
  name: string;
  key: string;
  run(ground: Ground, scenario: Scenario, service: string): Promise<ToolResult>;
}

/** This pack's wait, in this process: the action's own code over HTTP, with the scaled clock. */
const ours: Tool = {
  name: 'wait-for-stable',
  key: 'OURS',
  async run(ground, scenario, service) {
    await deploy(ground, scenario, service);
    const [deployment] = await ground.deployments(service);
    const log = recordingLog();
    let toldAt = 0;
    const error = log.error;
    log.error = (message, at) => {
      toldAt ||= ground.clock.now();
      error(message, at);
    };
    const credentials = { accessKeyId: 'OURS', secretAccessKey: 'bench' };
    const deps = { ...testDeps({ access: { credentials } }), log, clock: ground.clock, random: Math.random };
    const given: Record<string, string> = {
      'service-deployment-arn': deployment?.serviceDeploymentArn ?? '',
      'timeout-minutes': '60',
      ...scenario.inputs,
    };
    const inputs = readInputs(waitForStable.inputs, (name) => given[name] ?? '');
    const { outputs, failure } = await waitForStable.run(inputs, deps as never);
    const [verdict] = outputs.verdicts as VerdictItem[];
    return {
      green: failure === undefined,
      said: verdict?.verdict ?? '',
      toldAt: toldAt || ground.clock.now(),
      calls: ground.asked('OURS').calls,
    };
  },
};

/**
 * `aws ecs wait services-stable`, with the same update made when its first call is on the way: how long Python takes
 * to start would be scaled otherwise.
 */
const awsCli = (bin: string): Tool => ({
  name: 'aws ecs wait',
  key: 'AWSCLI',
  async run(ground, scenario, service) {
    const args = ['ecs', 'wait', 'services-stable', '--cluster', 'shop', '--services', service];
    const first = ground.hold('AWSCLI');
    const running = runPeer(join(bin, 'aws'), args, 'AWSCLI', ground);
    await Promise.race([first.arrived, running]);
    await deploy(ground, scenario, service);
    first.letGo();
    const { code } = await running;
    return peerResult(ground, 'AWSCLI', code);
  },
});

/** fabfuel's `ecs deploy`, which registers, updates and waits; with its defaults but for the time-out. */
const fabfuel = (bin: string): Tool => ({
  name: 'ecs-deploy (fabfuel)',
  key: 'FABFUEL',
  async run(ground, scenario, service) {
    const image = `${service}:${scenario.image}`;
    const args = ['deploy', 'shop', service, '-i', service, image, ...(scenario.fabfuel ?? [])];
    const { code } = await runPeer(join(bin, 'ecs'), args, 'FABFUEL', ground);
    return peerResult(ground, 'FABFUEL', code);
  },
});

/** All tools, ours first; `bin` is the folder of the Python programs. */
export function toolsAt(bin: string): Tool[] {
  return [ours, awsCli(bin), fabfuel(bin)];
}

async function deploy(ground: Ground, { image }: Scenario, service: string): Promise<void> {
  await ground.update(service, { taskDefinition: await ground.register(service, image) });
}

/** The last answer it got counts, not its exit: how long Python takes to end would be scaled with it. */
function peerResult(ground: Ground, key: string, code: number): ToolResult {
  const { calls, lastAnswerAt } = ground.asked(key);
  return { green: code === 0, said: `exit ${code}`, toldAt: lastAnswerAt, calls };
}

function runPeer(
  file: string,
  args: readonly string[],
  key: string,
  { endpoint, factor, anchor }: Ground,
): Promise<{ code: number; output: string }> {
  const child = spawn(file, args, {
    env: {
      PATH: process.env.PATH,
      HOME: join(import.meta.dirname, 'scaled-clock'),
      PYTHONPATH: join(import.meta.dirname, 'scaled-clock'),
      PYTHONDONTWRITEBYTECODE: '1',
      BENCH_FACTOR: String(factor),
      BENCH_ANCHOR: String(anchor / 1_000),
      AWS_ENDPOINT_URL: endpoint,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: key,
      AWS_SECRET_ACCESS_KEY: 'bench',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, output: Buffer.concat(output).toString() }));
  });
}
