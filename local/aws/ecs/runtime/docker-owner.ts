import { createHash } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type Docker from 'dockerode';
import {
  isRunning,
  ownIdentity,
  renderIdentity,
  tryParseIdentity,
} from '../../../machine/process-identity.ts';
import { waitForStop } from './docker-exit.ts';

const ownerLabel = 'berth.owner';
const machineLabel = 'berth.machine';

/** Two runtimes may live in one process: its value is unique to one. */
export const runtimeLabel = 'berth.runtime';

/** The task that a container or volume belongs to; the label of Amazon ECS's agent. */
export const taskLabel = 'com.amazonaws.ecs.task-arn';

/** At the same time at most so many removals, so that an engine with many containers stays answering. */
const removalsAtOnce = 8;

/**
 * Labels that say which runtime of which process a container belongs to, and on which machine that process
 * id means something.
 */
export function ownerLabels(runtimeId: string): Record<string, string> {
  return {
    [ownerLabel]: renderIdentity(ownIdentity()),
    [machineLabel]: machineId(),
    [runtimeLabel]: runtimeId,
  };
}

/** Removes every container and volume of one runtime; gives the names of those that stayed. */
export async function removeOwned(
  docker: Docker,
  labels: Readonly<Record<string, string>>,
): Promise<string[]> {
  return removeWhere(docker, (found) => found[runtimeLabel] === labels[runtimeLabel]);
}

/** Removes every container and volume of a runtime whose task is not among `living`, ARNs. */
export async function removeStrays(
  docker: Docker,
  labels: Readonly<Record<string, string>>,
  living: ReadonlySet<string>,
): Promise<string[]> {
  return removeWhere(
    docker,
    (found) => found[runtimeLabel] === labels[runtimeLabel] && !living.has(found[taskLabel] ?? ''),
  );
}

/** Removes what a process of this machine left on the engine when it was killed. */
export async function removeOrphans(docker: Docker): Promise<string[]> {
  return removeWhere(docker, (found) => {
    const owner = tryParseIdentity(found[ownerLabel]);
    return owner !== undefined && !isRunning(owner);
  });
}

type Labels = Readonly<Record<string, string>>;

async function removeWhere(docker: Docker, chosen: (labels: Labels) => boolean): Promise<string[]> {
  const filters = { label: [`${machineLabel}=${machineId()}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const stayed = await eachOf(
    containers.filter((one) => chosen(one.Labels)),
    (one) => removeContainer(docker, one.Id),
  );
  const { Volumes } = await docker.listVolumes({ filters });
  const stayedVolumes = await eachOf(
    (Volumes ?? []).filter((one) => chosen(one.Labels ?? {})),
    (one) => docker.getVolume(one.Name).remove(),
  );
  return [...stayed.map((one) => one.Names[0] ?? one.Id), ...stayedVolumes.map((one) => one.Name)];
}

/** Removes a container, running or not, with its unnamed volumes. That it is gone already is no fault. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  await docker
    .getContainer(id)
    .remove({ force: true, v: true })
    .catch(async (error: { statusCode?: number }) => {
      if (error.statusCode === 404) return;
      if (error.statusCode !== 409) throw error;
      // Somebody is removing it already: wait for that.
      await waitForStop(docker, id, 'removed').catch(() => undefined);
    });
}

/** Runs `work` over all items, a few at a time; gives the items it failed for. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<T[]> {
  const left = [...items];
  const failed: T[] = [];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      const one = item;
      await work(one).catch(() => failed.push(one));
    }
  };
  await Promise.all(Array.from({ length: removalsAtOnce }, lane));
  return failed;
}

/** Process ids mean something only to those who share the machine and its process namespace. */
function machineId(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Only Linux has process namespaces.
  }
  return createHash('sha256').update(`${hostname()} ${namespace}`).digest('hex').slice(0, 12);
}
