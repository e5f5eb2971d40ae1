import { isList, isObject, isUnknown, type ObjectValue, type Value } from '../protocol/value.ts';

/** What the `provider "aws"` block says that resources depend on. */
export type ProviderSettings = {
  region: string;
  accountId: string;
  /** Of `default_tags`; added to the tags of every resource that has tags. */
  defaultTags: Readonly<Record<string, string>>;
};

export type HomeSettings = Pick<ProviderSettings, 'region' | 'accountId'>;

/** Reads a provider block; what it leaves out or does not know yet is as at home. */
export function readProviderSettings(config: Value, home: HomeSettings): ProviderSettings {
  const block = isObject(config) ? config : {};
  const region = typeof block.region === 'string' ? block.region : home.region;
  return { region, accountId: home.accountId, defaultTags: readDefaultTags(block.default_tags ?? null) };
}

function readDefaultTags(blocks: Value): Record<string, string> {
  const [first] = isList(blocks) ? blocks : [];
  return isObject(first) && isObject(first.tags) ? textsOf(first.tags) : {};
}

/** The tags of a resource with the provider's: `null` where there is neither. */
export function joinTags(tags: Value, defaults: Readonly<Record<string, string>>): Value {
  if (isUnknown(tags)) return tags;
  const own = isObject(tags) ? tags : {};
  return { ...defaults, ...own };
}

function textsOf(value: ObjectValue): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
