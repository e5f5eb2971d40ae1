import type { Position } from './position.ts';

/** An order that waits for a driver. */
export interface WaitingOrder {
  readonly id: string;
  readonly pickup: Position;
  /** 0 to 9; 9 goes first. */
  readonly priority: number;
  /** Epoch milliseconds; the older of equal priority goes first. */
  readonly since: number;
  readonly demand: {
    readonly weightKg?: number;
    readonly seats?: number;
    readonly skills?: readonly string[];
  };
  /** Drivers who have declined it or let their offer expire. */
  readonly notFor: ReadonlySet<string>;
}

/** A driver who could take an order. */
export interface FreeDriver {
  readonly id: string;
  readonly position: Position;
  readonly capacity?: { readonly weightKg?: number; readonly seats?: number };
  readonly skills: readonly string[];
}

/** An order and the driver chosen for it; `cost` is in the unit of the strategy, metres or seconds. */
export interface Match {
  readonly orderId: string;
  readonly driverId: string;
  readonly cost: number;
}

/** Says whether a driver may take an order: room, skills, and not one who declined it. */
export function mayTake(order: WaitingOrder, driver: FreeDriver): boolean {
  const { weightKg = 0, seats = 0, skills = [] } = order.demand;
  const { capacity = {} } = driver;
  return (
    !order.notFor.has(driver.id) &&
    weightKg <= (capacity.weightKg ?? Number.POSITIVE_INFINITY) &&
    seats <= (capacity.seats ?? Number.POSITIVE_INFINITY) &&
    skills.every((skill) => driver.skills.includes(skill))
  );
}

/** The order in which orders are served: higher priority first, then the longer wait, then the id. */
export function inTurn(orders: readonly WaitingOrder[]): WaitingOrder[] {
  return orders.toSorted(
    (one, other) => other.priority - one.priority || one.since - other.since || (one.id < other.id ? -1 : 1),
  );
}
