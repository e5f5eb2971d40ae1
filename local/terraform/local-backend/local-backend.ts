import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { computedDataSources } from '../data-sources/computed.ts';
import { fillFakes } from '../plan-backend/fakes.ts';
import { ProviderError } from '../protocol/diagnostic.ts';
import { isObject, isUnknown, type ObjectValue, type Value } from '../protocol/value.ts';
import type { Backend, Context } from '../provider/backend.ts';
import { mapAttributes } from '../provider/block-values.ts';
import { emptyValue } from '../provider/empty-value.ts';
import { namesThatDiffer, settle } from '../provider/settle.ts';
import { type AwsCallsOptions, createAwsCalls } from './aws-calls.ts';
import { dataRows } from './data-rows.ts';
import { explain, isGone } from './errors.ts';
import { resourceRows } from './resource-rows.ts';
import type { At, Known, LocalOptions, Look, Row, Step } from './row.ts';
import { completed } from './sdk-names.ts';
import type { Shape } from './shape.ts';
import { stateOnlyTypes } from './state-only-types.ts';
import { changeTags, readTags, splitTags } from './tags.ts';

export type LocalBackendOptions = AwsCallsOptions &
  LocalOptions & {
    /** Ends a name of which only the beginning is written; random when absent. */
    uniqueSuffix?: () => string;
  };

/** How long a look may wait for what was asked for, in looks and the time between them. */
const patience = { looks: 600, intervalMs: 100 };

/**
 * The back end that makes resources on a local AWS through the SDK, by one row a type (`rows/`).
 *
 * A read gives what is there, so that a change behind Terraform's back is seen. Throws `ProviderError` for a type
 * without a row, and for what AWS refuses, with its words. `close` ends the connections.
 */
export function createLocalBackend(options: LocalBackendOptions): Backend & { close(): void } {
  const { uniqueSuffix = () => randomUUID().replaceAll('-', '').slice(0, 20) } = options;
  const calls = createAwsCalls({ endpoint: options.endpoint, credentials: options.credentials });
  const atOf = (context: Context): At => ({
    ...context,
    options,
    call: (service, command, input) => calls.call(service, command, input, context.settings.region),
    pause: () => setTimeout(patience.intervalMs),
  });
  return {
    async create(context, planned) {
      const at = atOf(context);
      return await explained(at, 'create', async () => {
        if (stateOnlyTypes[context.typeName]) return stateOnly(context, planned);
        const row = rowOf(context.typeName);
        const wanted = withName(context, known(context, planned), uniqueSuffix());
        const made = await runSteps(at, row, row.create, wanted);
        await waitFor(at, row.settled, made);
        return (await lookAt(at, row, made)) ?? made;
      });
    },
    async read(context, state) {
      if (stateOnlyTypes[context.typeName]) return state;
      const at = atOf(context);
      return await explained(at, 'read', () => lookAt(at, rowOf(context.typeName), state));
    },
    async update(context, prior, planned) {
      const at = atOf(context);
      return await explained(at, 'change', async () => {
        if (stateOnlyTypes[context.typeName]) return stateOnly(context, planned);
        const row = rowOf(context.typeName);
        const wanted = { ...known(context, planned), id: prior.id ?? null };
        const changed = namesThatDiffer(context.block, prior, wanted);
        const steps = (row.update ?? []).filter(
          ({ names }) => !names || names.some((name) => changed.includes(name)),
        );
        const made = await runSteps(at, row, steps, wanted, prior);
        if (row.tags) await changeTags(at, row, prior, made);
        await waitFor(at, row.settled, made);
        return (await lookAt(at, row, made)) ?? made;
      });
    },
    async delete(context, state) {
      if (stateOnlyTypes[context.typeName]) return;
      const at = atOf(context);
      await explained(at, 'delete', async () => {
        const row = rowOf(context.typeName);
        try {
          await runSteps(at, row, row.delete, state);
          await waitFor(at, row.gone, state);
        } catch (error) {
          if (!isGone(error)) throw error;
        }
      });
    },
    async import(context, state) {
      const row = rowOf(context.typeName);
      const id = String(state.id);
      return { ...state, ...row.import?.(id, atOf(context)) };
    },
    async readData(context, config) {
      const at = atOf(context);
      const value = { ...emptyValue(context.block), ...config };
      const compute = computedDataSources[context.typeName];
      if (compute) return { ...value, ...compute(config, context.settings) };
      const look = dataRows[context.typeName];
      if (look === undefined) throw unknownType(context.typeName, 'data source', 'data-rows.ts');
      return await explained(at, 'read', async () =>
        completed(context.block, { ...value, ...(await look(at, value)) }),
      );
    },
    stateOnly: (typeName) => stateOnlyTypes[typeName],
    close: () => calls.close(),
  };
}

/** Results as AWS would have them; the twin number tells nothing apart here, as names do. */
function stateOnly(context: Context, planned: ObjectValue): ObjectValue {
  return fillFakes(context, planned, 0);
}

function rowOf(typeName: string): Row {
  const row = resourceRows[typeName];
  if (row === undefined) throw unknownType(typeName, 'resource', 'rows/');
  return row;
}

function unknownType(typeName: string, kind: string, file: string): ProviderError {
  return new ProviderError(
    `The local back end has no ${kind} ${typeName}`,
    `Add how ${typeName} is made, read and removed to local/terraform/local-backend/${file}.`,
  );
}

async function explained<T>(at: At, verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error, `${verb} ${at.typeName}`);
  }
}

async function runSteps(
  at: At,
  row: Row,
  steps: readonly Step[],
  value: Known,
  prior?: Known,
): Promise<Known> {
  let current = value;
  for (const { command, service = row.service, input, result, when } of steps) {
    if (when && !when(current, prior)) continue;
    const answer: Shape = await at.call(service, command, input(current, at, prior));
    current = { ...current, ...result?.(answer, current, at) };
  }
  return current;
}

/** Gives what is there, in the state's own words wherever they mean the same. */
async function lookAt(at: At, row: Row, state: Known): Promise<Known | null> {
  let found: ObjectValue = state;
  for (const look of row.read) {
    if (look.when && !look.when(found)) continue;
    const part = await runLook(at, row, look, found);
    if (part === null) return null;
    found = { ...found, ...part };
  }
  const tags = await readTags(at, row, found);
  const all = { ...found, ...(tags && splitTags(state, tags, at.settings)) };
  return settle(at.block, state, completed(at.block, all));
}

async function runLook(at: At, row: Row, look: Look, state: Known): Promise<ObjectValue | null> {
  try {
    const answer = await at.call(look.service ?? row.service, look.command, look.input(state, at));
    return look.state(answer, state, at);
  } catch (error) {
    if (!isGone(error)) throw error;
    return look.absent ?? null;
  }
}

async function waitFor(at: At, check: Row['settled'], value: Known): Promise<void> {
  if (check === undefined) return;
  for (let look = 0; look < patience.looks; look++) {
    if (await check(at, value)) return;
    await at.pause();
  }
  throw new ProviderError(
    `${at.typeName} takes too long`,
    `${String(value.id)} was not done after ${(patience.looks * patience.intervalMs) / 1000} s.`,
  );
}

/** Where only the beginning of a name is written, the provider makes the rest, not AWS. */
function withName({ block }: Context, value: Known, suffix: string): Known {
  const open = ['name', 'bucket', 'identifier'].filter(
    (name) => block.attributes[name]?.computed && block.attributes[`${name}_prefix`] && !value[name],
  );
  const made = open.map(
    (name) => [name, `${String(value[`${name}_prefix`] || 'terraform-')}${suffix}`] as const,
  );
  return { ...value, ...Object.fromEntries(made) };
}

/** What the provider decides is not written yet: the row's calls find it. */
function known({ block }: Context, planned: ObjectValue): Known {
  const value = mapAttributes(block, planned, (place) => (isUnknown(place.value) ? null : place.value));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, settledBlock(inner)]));
}

function settledBlock(value: Value): Value {
  return isUnknown(value) ? [] : isObject(value) ? { ...value } : value;
}
