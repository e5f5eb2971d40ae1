import { setTimeout as delay } from 'node:timers/promises';
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import type Docker from 'dockerode';
import { connectDocker } from '../../../machine/docker-client.ts';
import type { TargetCheck } from '../../elbv2/health/health-checks.ts';
import { judgePunctuality, type Punctuality } from './missed-intervals.ts';
import { Shop } from './shop.ts';
import { SteadyLoad } from './steady-load.ts';

/** How a rolling update of many real tasks went. */
export interface RolloutFigures {
  title: string;
  tasks: number;
  status: string;
  /** From the update to the end of the service deployment. */
  seconds: number;
  checks: Punctuality;
  /** Checks of a target or container that had passed one before. */
  failedChecks: number;
  requests: number;
  failedRequests: number;
}

const INTERVAL_S = 5;
const PER_SECOND = 50;
const ROLLING: DeploymentConfiguration = { strategy: 'ROLLING', lifecycleHooks: [] };

/** Rolls a service of real tasks behind a target group once, and looks at every check of every target. */
async function rollBehindTargetGroup(tasks: number): Promise<RolloutFigures> {
  const made: TargetCheck[] = [];
  const shop = await Shop.open({
    ...{ timeScale: 0.05, desiredCount: tasks, deregistrationDelaySeconds: 60 },
    onTargetCheck: (check) => made.push(check),
  });
  try {
    const rolled = await roll(shop);
    const bySubject = Map.groupBy(made, ({ target }) => `${target.id}:${target.port}`);
    const times = [...bySubject].map(([subject, checks]) => ({
      subject,
      startedAt: checks.map(({ startedAt }) => startedAt),
    }));
    const failedChecks = [...bySubject.values()].reduce((sum, checks) => sum + failuresAfterPass(checks), 0);
    const title = `${tasks} tasks, target-group checks`;
    return { title, tasks, ...rolled, checks: judgePunctuality(times, INTERVAL_S * 1000), failedChecks };
  } finally {
    await shop.close();
  }
}

/** Rolls a service of real tasks with container checks once, and looks at every check that the engine made. */
async function rollWithContainerChecks(tasks: number): Promise<RolloutFigures> {
  const healthCheck = { command: ['CMD', 'node', '-e', ''], interval: INTERVAL_S, timeout: 5, retries: 2 };
  const shop = await Shop.open({ timeScale: 0.05, desiredCount: tasks, container: { healthCheck } });
  const watch = new ContainerChecks(connectDocker(shop.aws.dockerHost));
  try {
    const rolled = await roll(shop);
    const { times, longestMs, failed: failedChecks } = await watch.stop();
    // The engine counts its interval from the end of a check.
    const checks = judgePunctuality(times, INTERVAL_S * 1000 + longestMs);
    return { title: `${tasks} tasks, container checks`, tasks, ...rolled, checks, failedChecks };
  } finally {
    await watch.stop();
    await shop.close();
  }
}

async function roll(shop: Shop) {
  const load = new SteadyLoad(shop.production.url, PER_SECOND);
  const startedAt = performance.now();
  const { status = '' } = await shop.deployments.ended(await shop.deploy('v2', ROLLING));
  const seconds = (performance.now() - startedAt) / 1000;
  // Long enough for every task of the new version to be checked more than once.
  await delay(2 * INTERVAL_S * 1000);
  await load.stop();
  return { status, seconds, requests: load.sent, failedRequests: load.failures.length };
}

function failuresAfterPass(checks: readonly TargetCheck[]): number {
  const passed = checks.map(({ outcome }) => outcome.kind === 'answered' && outcome.code === 200);
  return passed.slice(passed.indexOf(true)).filter((isPass) => !isPass).length;
}

/** Reads the engine's own log of container checks, which keeps the newest five of each container. */
class ContainerChecks {
  readonly #docker: Docker;
  readonly #ending = new AbortController();
  readonly #startedAt = new Map<string, Set<number>>();
  readonly #reading: Promise<void>;
  #longestMs = 0;
  #failed = 0;

  constructor(docker: Docker) {
    this.#docker = docker;
    this.#reading = this.#read();
  }

  async stop() {
    this.#ending.abort();
    await this.#reading;
    const times = [...this.#startedAt].map(([subject, at]) => ({ subject, startedAt: [...at] }));
    return { times, longestMs: this.#longestMs, failed: this.#failed };
  }

  async #read(): Promise<void> {
    const { signal } = this.#ending;
    const filters = { label: ['com.amazonaws.ecs.container-name=web'] };
    while (!signal.aborted) {
      for (const { Id } of await this.#docker.listContainers({ filters })) await this.#note(Id);
      await delay(INTERVAL_S * 1000, undefined, { signal }).catch(() => undefined);
    }
  }

  async #note(id: string): Promise<void> {
    const inspected = await this.#docker
      .getContainer(id)
      .inspect()
      .catch(() => undefined);
    const seen = this.#startedAt.get(id) ?? new Set();
    for (const { Start, End, ExitCode } of inspected?.State.Health?.Log ?? []) {
      const startedAt = Date.parse(String(Start));
      if (seen.has(startedAt)) continue;
      if (ExitCode !== 0 && seen.size > 0) this.#failed += 1;
      seen.add(startedAt);
      this.#longestMs = Math.max(this.#longestMs, Date.parse(String(End)) - startedAt);
    }
    if (seen.size > 0) this.#startedAt.set(id, seen);
  }
}

/** Both in one run; tells each line and gives whether no interval was missed and no request lost. */
export async function soakContainers(tell: (line: string) => void): Promise<boolean> {
  const figures = [await rollBehindTargetGroup(50), await rollWithContainerChecks(10)];
  for (const one of figures) tell(renderFigures(one));
  return figures.every(
    ({ status, checks, failedChecks, failedRequests }) =>
      status === 'SUCCESSFUL' && checks.missed + failedChecks + failedRequests === 0,
  );
}

function renderFigures({ title, status, seconds, checks, ...rest }: RolloutFigures): string {
  return [
    `${title}: ${status} in ${seconds.toFixed(1)} s`,
    `${checks.checks} checks of ${checks.subjects}, ${checks.missed} intervals missed`,
    `latest check ${checks.latestMs.toFixed(0)} ms late, ${rest.failedChecks} failed`,
    `${rest.requests} requests, ${rest.failedRequests} failed`,
  ].join('; ');
}
