import { type Redis, tryRedis } from '../lib/redis.ts';
import type { Order } from './orders.ts';

const lifeSeconds = 60;
/** Nothing is kept for so long after a change: a reading that began before it would be kept as the newest. */
const settleSeconds = 2;

/** The summaries of orders that are looked at often. While Redis is away every read goes to PostgreSQL. */
export interface OrderCache {
  read(id: string): Promise<Order | undefined>;
  forget(id: string): void;
}

export function createOrderCache(redis: Redis, load: (id: string) => Promise<Order | undefined>): OrderCache {
  const keyOf = (id: string) => `order:{${id}}:summary`;
  return {
    async read(id) {
      const kept = await tryRedis(() => redis.get(keyOf(id)));
      if (kept) return JSON.parse(kept) as Order;
      const order = await load(id);
      if (order) void tryRedis(() => redis.set(keyOf(id), JSON.stringify(order), 'EX', lifeSeconds, 'NX'));
      return order;
    },
    forget: (id) => void tryRedis(() => redis.set(keyOf(id), '', 'EX', settleSeconds)),
  };
}
