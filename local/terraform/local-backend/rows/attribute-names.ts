import type { ObjectValue } from '../../protocol/value.ts';
import type { At, Known } from '../row.ts';
import { plain, type Shape, text } from '../shape.ts';

const fifoOnly = [
  'content_based_deduplication',
  'deduplication_scope',
  'fifo_queue',
  'fifo_throughput_limit',
];

/** A standard queue or topic refuses what only a FIFO one has, even when it is off. */
export function written(value: Known, names: Readonly<Record<string, string>>): Record<string, string> {
  const isFifo = value.fifo_queue === true || value.fifo_topic === true;
  const kept = Object.entries(names).filter(([name]) => {
    if (fifoOnly.includes(name) && !isFifo) return false;
    return value[name] !== null && value[name] !== undefined && value[name] !== '';
  });
  return Object.fromEntries(kept.map(([name, key]) => [key, text(value[name])]));
}

/** What was asked for and is not answered is gone; what AWS alone decides may be silent. */
export function stateOf(found: Shape, names: Readonly<Record<string, string>>, { block }: At): ObjectValue {
  return Object.fromEntries(
    Object.entries(names).map(([name, key]) => {
      const value = found[key];
      const type = block.attributes[name]?.type;
      if (value === undefined) return [name, type === 'bool' ? false : type === 'number' ? null : ''];
      if (type === 'number') return [name, Number(value)];
      return [name, type === 'bool' ? value === 'true' : plain(value)];
    }),
  );
}
