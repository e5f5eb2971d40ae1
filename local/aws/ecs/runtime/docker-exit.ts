import type { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { messageOf } from './docker-image.ts';

/** How a container ended; without an exit code nobody could tell. */
export interface ContainerExit {
  exitCode: number | undefined;
  /** In AWS's words. */
  reason?: string;
}

/** How long after its connection broke the engine is asked again. */
const askAgainAfterMs = 100;

/**
 * Waits for a container's end and tells how it came. Never throws. A connection to the engine that breaks says
 * nothing of the container: that is looked at. Without an answer, or when somebody has removed it, what is known
 * is told with the engine's words.
 */
export async function waitForExit(docker: Docker, id: string): Promise<ContainerExit> {
  for (;;) {
    const statusCode = await waitForStop(docker, id).catch(() => undefined);
    try {
      const { State } = await docker.getContainer(id).inspect();
      if (statusCode !== undefined || !State.Running) return exitOf(State);
    } catch (error) {
      return { exitCode: statusCode, reason: `CannotInspectContainerError: ${messageOf(error)}` };
    }
    await delay(askAgainAfterMs);
  }
}

/**
 * Waits until a container does not run, or is removed, and gives its exit code; throws when that cannot be told.
 * The engine answers 200 at once and tells the exit code when there is one. The client library's own `wait`
 * would wait for ever when the connection breaks in between.
 */
export async function waitForStop(
  docker: Docker,
  id: string,
  condition: 'not-running' | 'removed' = 'not-running',
): Promise<number> {
  const answer = await new Promise<Readable>((done, fail) => {
    docker.modem.dial(
      {
        path: `/containers/${id}/wait?condition=${condition}&`,
        method: 'POST',
        isStream: true,
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
      },
      (error, stream) => (error ? fail(error) : done(stream as Readable)),
    );
  });
  return ((await json(answer)) as { StatusCode: number }).StatusCode;
}

function exitOf({ ExitCode, OOMKilled, Error: said }: Docker.ContainerInspectInfo['State']): ContainerExit {
  if (OOMKilled)
    return { exitCode: ExitCode, reason: 'OutOfMemoryError: Container killed due to memory usage' };
  return { exitCode: ExitCode, ...(said ? { reason: said } : {}) };
}
