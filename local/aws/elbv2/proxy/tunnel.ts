import type { Socket } from 'node:net';
import type { TargetRecord } from '../records.ts';
import { type IdleWatchOptions, watchIdle } from './idle-watch.ts';

/** Joins two sockets byte by byte until one closes, nothing moves for the idle time, or the target is cut. */
export function joinSockets(
  client: Socket,
  target: Socket,
  options: { target: TargetRecord; idle: Omit<IdleWatchOptions, 'signal'> },
): void {
  const over = new AbortController();
  const cut = () => {
    over.abort();
    options.target.underWay.delete(cut);
    client.destroy();
    target.destroy();
  };
  const touch = watchIdle({ ...options.idle, signal: over.signal }, cut);
  options.target.underWay.add(cut);
  for (const [from, to] of [
    [client, target],
    [target, client],
  ] as const) {
    from.on('data', touch);
    from.on('error', cut);
    from.on('close', cut);
    from.pipe(to);
  }
}
