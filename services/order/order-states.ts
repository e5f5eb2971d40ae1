/** The five states of an order, as its whole life. */
export const orderStates = ['created', 'assigned', 'picked-up', 'delivered', 'cancelled'] as const;
export type OrderState = (typeof orderStates)[number];

/** Where an order may go from a state. An assigned one may be given to nobody again: its driver declined or is gone. */
const transitions: Readonly<Record<OrderState, readonly OrderState[]>> = {
  created: ['assigned', 'cancelled'],
  assigned: ['picked-up', 'created', 'cancelled'],
  'picked-up': ['delivered', 'cancelled'],
  delivered: [],
  cancelled: [],
};

/** Says whether an order may go from one state to another. */
export function mayGo(from: OrderState, to: OrderState): boolean {
  return transitions[from].includes(to);
}

/** The states an order may go to, for people. */
export function nextStates(from: OrderState): readonly OrderState[] {
  return transitions[from];
}
