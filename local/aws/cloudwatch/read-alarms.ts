import type { ReadAlarms } from '../ecs/runtime/polled-alarms.ts';
import type { CompositeAlarms } from './composite-alarms.ts';

/** Reads the alarms of a deployment by `read`, and the composite ones among them from where they are kept. */
export function readAlarmsOf(composites: CompositeAlarms, read: ReadAlarms, now: () => number): ReadAlarms {
  return async (place, names) => {
    const own = (await composites.read(place, now())).filter(({ name }) => names.includes(name));
    const others = names.filter((name) => own.every((alarm) => alarm.name !== name));
    // Of a composite alarm only the state counts: it looks at no metric itself.
    const views = own.map(({ name, state }) => ({ name, state, windowMs: 0 }));
    return others.length > 0 ? [...(await read(place, others)), ...views] : views;
  };
}
