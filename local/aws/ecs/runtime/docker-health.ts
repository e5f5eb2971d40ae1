import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { messageOf } from './docker-image.ts';
import { splitLines } from './docker-log-lines.ts';
import { runtimeLabel } from './docker-owner.ts';

export interface HealthListener {
  /** `id` is the engine's id of a container, `status` one of `starting`, `healthy`, `unhealthy`. */
  note(id: string, status: string): void;
  warn(line: string): void;
  /** The engine answers again after its event stream had ended. */
  isBack(): Promise<unknown>;
  /** Ends the following. */
  signal: AbortSignal;
}

/** How long after the engine ended its event stream it is asked for another one. */
const againAfterMs = 1000;

/**
 * Follows what the engine says of the health of one runtime's containers, until the signal is raised. Throws when
 * the engine does not answer at first; a stream that ends later is warned of and opened again, and what was
 * missed in between is read.
 */
export async function followHealth(
  docker: Docker,
  labels: Readonly<Record<string, string>>,
  listener: HealthListener,
): Promise<void> {
  const { signal, warn } = listener;
  const label = [`${runtimeLabel}=${labels[runtimeLabel]}`];
  const events = await openEvents(docker, label);
  void (async () => {
    for (let stream: Readable | undefined = events; !signal.aborted; ) {
      if (stream) await readToEnd(stream, listener);
      if (signal.aborted) return;
      if (stream) warn('the Docker engine ended its event stream: asking for another one until it answers');
      await delay(againAfterMs, undefined, { signal, ref: false }).catch(() => undefined);
      stream = await openEvents(docker, label).catch(() => undefined);
      if (!stream) continue;
      const caughtUp = Promise.all([noteMissed(docker, label, listener), listener.isBack()]);
      await caughtUp.catch((error) => warn(`the Docker engine is back, but: ${messageOf(error)}`));
    }
  })();
}

async function openEvents(docker: Docker, label: string[]): Promise<Readable> {
  return (await docker.getEvents({ filters: { event: ['health_status'], label } })) as Readable;
}

function readToEnd(events: Readable, { note, signal }: HealthListener): Promise<void> {
  const end = () => void events.destroy();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  let rest: Buffer = Buffer.alloc(0);
  events.on('data', (chunk: Buffer) => {
    const split = splitLines(rest, chunk);
    rest = split.rest;
    for (const line of split.lines) {
      const event = JSON.parse(line) as { id?: string; status?: string };
      note(event.id ?? '', event.status?.replace('health_status: ', '') ?? '');
    }
  });
  events.on('error', () => undefined);
  return new Promise((done) => {
    events.on('close', () => {
      signal.removeEventListener('abort', end);
      done();
    });
  });
}

async function noteMissed(docker: Docker, label: string[], { note }: HealthListener): Promise<void> {
  for (const { Id } of await docker.listContainers({ filters: { label } })) {
    const status = (await docker.getContainer(Id).inspect()).State.Health?.Status;
    if (status !== undefined && status !== 'none') note(Id, status);
  }
}
