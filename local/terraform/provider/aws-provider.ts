import { type Diagnostic, ProviderError } from '../protocol/diagnostic.ts';
import type { Provider } from '../protocol/provider.ts';
import { isObject, type ObjectValue, type Value } from '../protocol/value.ts';
import type { Block, ProviderSchema, TypeKind } from '../schema/provider-schema.ts';
import type { Backend } from './backend.ts';
import { checkConfig } from './check-config.ts';
import { emptyValue } from './empty-value.ts';
import { dropWriteOnly, planChange } from './plan-change.ts';
import { type HomeSettings, type ProviderSettings, readProviderSettings } from './provider-settings.ts';
import { rulesOf } from './rules/rule-tables.ts';

export type AwsProviderOptions = { schema: ProviderSchema; backend: Backend; home: HomeSettings };

/** Makes the AWS provider of one `provider` block: the schema's rules here, what exists in the back end. */
export function createAwsProvider({ schema, backend, home }: AwsProviderOptions): Provider {
  let settings: ProviderSettings = { ...home, defaultTags: {} };
  const resource = (typeName: string) => blockOf(schema, 'resource', typeName);
  const context = (typeName: string, block: Block, value: ObjectValue) => ({
    typeName,
    block,
    settings: typeof value.region === 'string' ? { ...settings, region: value.region } : settings,
  });

  return {
    async configure(config) {
      settings = readProviderSettings(config, home);
    },
    validateResource: (typeName, config) =>
      check(resource(typeName), config, (block, value) => checkConfig(block, value, rulesOf(typeName))),
    validateData: (typeName, config) =>
      check(blockOf(schema, 'data', typeName), config, (block, value) => checkConfig(block, value, {})),
    async plan(typeName, { prior, proposed }) {
      if (!isObject(proposed)) return { planned: null, replaces: [] };
      const block = resource(typeName);
      return planChange({ block, rules: rulesOf(typeName), settings, prior: objectOrNull(prior), proposed });
    },
    async apply(typeName, { prior, planned, config }) {
      const block = resource(typeName);
      if (!isObject(planned)) {
        const gone = objectOf(prior);
        await backend.delete(context(typeName, block, gone), gone);
        return { state: null, warnings: [] };
      }
      const at = context(typeName, block, planned);
      const wanted = withWriteOnly(planned, objectOf(config), block);
      const state = isObject(prior)
        ? await backend.update(at, prior, wanted)
        : await backend.create(at, wanted);
      const reason = isObject(prior) ? undefined : backend.stateOnly?.(typeName);
      return {
        state: dropWriteOnly(block, state),
        warnings: reason ? [stateOnlyWarning(typeName, reason)] : [],
      };
    },
    async read(typeName, state) {
      if (!isObject(state)) return null;
      const block = resource(typeName);
      const found = await backend.read(context(typeName, block, state), state);
      return found && dropWriteOnly(block, found);
    },
    async import(typeName, id) {
      const block = resource(typeName);
      const empty = emptyValue(block);
      // What belongs to no Region, such as roles and zones, has no such argument.
      const place: ObjectValue = block.attributes.region ? { region: settings.region } : {};
      return await backend.import(context(typeName, block, empty), { ...empty, ...place, id });
    },
    async readData(typeName, config) {
      const block = blockOf(schema, 'data', typeName);
      return await backend.readData(context(typeName, block, objectOf(config)), objectOf(config));
    },
    async openEphemeral(typeName, config) {
      const block = blockOf(schema, 'ephemeral', typeName);
      return await backend.readData(context(typeName, block, objectOf(config)), objectOf(config));
    },
  };
}

function blockOf(schema: ProviderSchema, kind: TypeKind, typeName: string): Block {
  const types = {
    resource: schema.resources,
    data: schema.dataSources,
    ephemeral: schema.ephemeralResources,
  };
  const block = types[kind][typeName];
  if (block === undefined) {
    const line = kind === 'resource' ? typeName : `${kind}.${typeName}`;
    throw new ProviderError(
      'Type outside the offline schema',
      `${typeName} is not served: add the line "${line}" to local/terraform/schema/wanted-types.txt and run node local/terraform/schema/extract.ts.`,
    );
  }
  return block;
}

function stateOnlyWarning(typeName: string, reason: string): Diagnostic {
  const summary = `${typeName} is in Terraform's state only`;
  return { summary, detail: `Nothing was made: ${reason}`, path: [], isWarning: true };
}

function check(
  block: Block,
  config: Value,
  judge: (block: Block, value: ObjectValue) => Diagnostic[],
): Diagnostic[] {
  return isObject(config) ? judge(block, config) : [];
}

/** A write-only argument is in no plan: its value comes with the configuration. */
function withWriteOnly(planned: ObjectValue, config: ObjectValue, block: Block): ObjectValue {
  const names = Object.keys(block.attributes).filter((name) => block.attributes[name]?.write_only);
  return { ...planned, ...Object.fromEntries(names.map((name) => [name, config[name] ?? null])) };
}

const objectOrNull = (value: Value): ObjectValue | null => (isObject(value) ? value : null);

const objectOf = (value: Value): ObjectValue => (isObject(value) ? value : {});
