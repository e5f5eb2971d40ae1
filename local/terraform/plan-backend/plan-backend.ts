import { computedDataSources } from '../data-sources/computed.ts';
import { type ObjectValue, renderKey, UNKNOWN } from '../protocol/value.ts';
import type { Backend } from '../provider/backend.ts';
import { mapAttributes } from '../provider/block-values.ts';
import { emptyValue } from '../provider/empty-value.ts';
import type { Block } from '../schema/provider-schema.ts';
import { fillFakes } from './fakes.ts';

/**
 * The back end that stands for no cloud at all: what is applied exists in Terraform's state only, with results
 * that are made up but look like AWS's and are the same at every run.
 */
export function createPlanBackend(): Backend {
  const twins = new Map<string, number>();
  const nextTwin = (typeName: string, planned: ObjectValue): number => {
    const key = renderKey([typeName, planned]);
    const twin = twins.get(key) ?? 0;
    twins.set(key, twin + 1);
    return twin;
  };
  return {
    create: async (at, planned) => fillFakes(at, planned, nextTwin(at.typeName, planned)),
    read: async (_, state) => state,
    update: async (at, _, planned) => fillFakes(at, planned, 0),
    delete: async () => undefined,
    import: async (_, state) => state,
    async readData(at, config) {
      const compute = computedDataSources[at.typeName];
      const known = compute ? compute(config, at.settings) : {};
      return fillFakes(at, opened(at.block, { ...emptyValue(at.block), ...config, ...known }), 0);
    },
  };
}

/** What a data source computes and its reader did not find is still open. */
function opened(block: Block, value: ObjectValue): ObjectValue {
  return mapAttributes(block, value, ({ attribute, value: found }) =>
    attribute.computed && found === null ? UNKNOWN : found,
  );
}
