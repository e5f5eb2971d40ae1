import { setTimeout as delay } from 'node:timers/promises';
import type { HealthCheck } from '@aws-sdk/client-ecs';
import type Docker from 'dockerode';

/** A check is a process of its own: more often it would take the processor from the start that it waits for. */
const shortestGapMs = 1000;

export interface StartChecks {
  now(): number;
  /** Factor on the gap between two checks; 1 asks nothing beyond what Docker asks. */
  timeScale: number;
  /** Whether the container has ended or its health is known. */
  isOver(): boolean;
}

/**
 * Asks a container that has just started by its own health check until it passes, and says whether it did.
 *
 * Docker asks each `interval` only. Within `startPeriod` a failed check does not count and the first that passes ends
 * the waiting, so asking there in between decides nothing and only shortens the waiting: to the interval times the
 * time scale, a second at least. Without a start period every check counts, and nothing is asked. Never throws.
 * Source: ECS API, HealthCheck.startPeriod (read 2026-11).
 */
export async function passesWhileStarting(
  container: Docker.Container,
  { command = [], interval = 30, startPeriod = 0 }: HealthCheck,
  { now, timeScale, isOver }: StartChecks,
): Promise<boolean> {
  const intervalMs = interval * 1000;
  const gapMs = Math.max(shortestGapMs, intervalMs * timeScale);
  if (gapMs >= intervalMs) return false;
  for (const endsAt = now() + startPeriod * 1000; now() + gapMs < endsAt; ) {
    await delay(gapMs, undefined, { ref: false });
    if (isOver()) return false;
    // A container that has ended meanwhile cannot be asked, and an engine that is gone has no answer.
    if ((await exitCodeOf(container, command).catch(() => undefined)) === 0) return !isOver();
  }
  return false;
}

/** One check as Docker makes it: `CMD`, or `CMD-SHELL` by the image's shell. */
async function exitCodeOf(
  container: Docker.Container,
  [kind, ...rest]: readonly string[],
): Promise<number | null> {
  const Cmd = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...rest] : rest;
  const exec = await container.exec({ Cmd, AttachStdout: true, AttachStderr: true });
  const output = await exec.start({});
  output.resume();
  await new Promise((done) => output.once('close', done).once('end', done).once('error', done));
  return (await exec.inspect()).ExitCode;
}
