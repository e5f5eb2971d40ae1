import type Docker from 'dockerode';
import { followProgress } from '../../../machine/docker-progress.ts';
import { NO_ENGINE, startFailureReason } from './docker-errors.ts';

/** Login of a registry, as `docker pull` sends it; absent for a registry that asks for none. */
export interface RegistryAuth {
  username: string;
  password: string;
  serveraddress: string;
}

/** An image on the engine. `digest` is its manifest's, as the registry gave it; absent for a local image. */
export interface PulledImage {
  id: string;
  digest?: string;
}

/**
 * Pulls an image as Fargate does: always, so that a missing one or a lost permission shows even though the
 * layers are there. Throws an Error whose message is AWS's `CannotPullContainerError: …`.
 */
export async function pullImage(
  docker: Docker,
  image: string,
  auth: RegistryAuth | undefined,
  abortSignal: AbortSignal,
): Promise<PulledImage> {
  try {
    await followProgress(await docker.pull(image, { authconfig: auth, abortSignal }));
  } catch (error) {
    abortSignal.throwIfAborted();
    throw new Error(startFailureReason('pull', image, messageOf(error)));
  }
  return inspectImage(docker, image);
}

/** Looks at an image that is on the engine. */
export async function inspectImage(docker: Docker, image: string): Promise<PulledImage> {
  const inspected = await docker.getImage(image).inspect();
  const digest = digestOf(image, inspected.RepoDigests ?? []);
  return { id: inspected.Id, ...(digest ? { digest } : {}) };
}

/** Finds the manifest digest of `image` among the engine's `repository@sha256:…` names of it. */
export function digestOf(image: string, repoDigests: readonly string[]): string | undefined {
  if (image.includes('@')) return image.slice(image.indexOf('@') + 1);
  const repository = image.replace(/:[^/:]+$/, '');
  const own = repoDigests.find((name) => name.slice(0, name.indexOf('@')) === repository);
  return own?.slice(own.indexOf('@') + 1);
}

interface EngineError {
  json?: { message?: string };
  message?: string;
  syscall?: string;
  /** Path of the unix socket, or the host. */
  address?: string;
  port?: number;
}

/**
 * The engine's own message: the client library puts it in `json.message` or at the end of its own. That there is
 * no engine is told in the words of Docker's own client, which are those that ECS shows.
 */
export function messageOf(error: unknown): string {
  const { json, message, syscall, address = '', port } = error as EngineError;
  if (syscall === 'connect') {
    const host = port === undefined ? `unix://${address}` : `tcp://${address}:${port}`;
    return `${NO_ENGINE} at ${host}. Is the docker daemon running?`;
  }
  return json?.message ?? message ?? String(error);
}
