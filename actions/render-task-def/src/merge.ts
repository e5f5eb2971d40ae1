import { nearMatches, renderNearMatches } from '../../core/src/near-match.ts';
import type { YamlPath } from '../../core/src/yaml-document.ts';
import type { ApiShape } from './api-shape.ts';
import { splitShellWords } from './shell-words.ts';

/** What a merge needs beside the two values. */
export interface MergeContext {
  /** A number, true or false of the overrides as it is written, so that `1.10` does not become `1.1`. */
  sourceOf(path: YamlPath): string | undefined;
  /** Told of what cannot be merged, with its place in the overrides. */
  fault(path: YamlPath, message: string): void;
}

/** How the items of a list are told apart by name, and which field a plain value sets. */
const KEYS: Readonly<Record<string, { key: string; value?: string }>> = {
  ContainerDefinition: { key: 'name' },
  Volume: { key: 'name' },
  Tag: { key: 'key', value: 'value' },
  KeyValuePair: { key: 'name', value: 'value' },
  Secret: { key: 'name', value: 'valueFrom' },
  EnvironmentFile: { key: 'value', value: 'type' },
  PortMapping: { key: 'containerPort' },
  MountPoint: { key: 'sourceVolume', value: 'containerPath' },
  VolumeFrom: { key: 'sourceContainer' },
  Ulimit: { key: 'name' },
  SystemControl: { key: 'namespace', value: 'value' },
  ContainerDependency: { key: 'containerName', value: 'condition' },
  HostEntry: { key: 'hostname', value: 'ipAddress' },
  ResourceRequirement: { key: 'type', value: 'value' },
};

/** Of these, taking away what is not there is a mistyped name; of a variable it is the wanted end. */
const MUST_BE_THERE = new Set(['ContainerDefinition', 'Volume']);

/** Lists of words that may be written as one line. */
const COMMAND_LINES = new Set(['command', 'entryPoint']);

/**
 * Puts overrides over a task definition, in the API's own fields: a map changes what it names, a list says all
 * there is, `null` takes away, a plain value replaces. A list whose items have names (containers, variables,
 * secrets, ports …) is changed by a map of those names; what is not named stays, in its order, and what is new
 * comes last. `containers` is short for `containerDefinitions`. Neither argument is changed.
 */
export function mergeOverrides(
  template: Record<string, unknown>,
  overrides: Record<string, unknown>,
  shape: ApiShape,
  context: MergeContext,
): Record<string, unknown> {
  const { containers, ...others } = overrides;
  const merged = mergeMap(template, others, shape, [], context);
  if (containers === undefined) return merged;
  const member = memberOf(shape, 'containerDefinitions');
  const before = merged.containerDefinitions;
  return { ...merged, containerDefinitions: mergeValue(before, containers, member, ['containers'], context) };
}

function mergeValue(
  base: unknown,
  change: unknown,
  shape: ApiShape | undefined,
  path: YamlPath,
  context: MergeContext,
): unknown {
  if (change === null || change === undefined) return undefined;
  if (shape?.kind === 'list') return mergeList(base, change, shape.item(), path, context);
  if (isMap(change)) return mergeMap(isMap(base) ? base : {}, change, shape, path, context);
  return plainOf(change, shape, path, context);
}

function mergeMap(
  base: Record<string, unknown>,
  change: Record<string, unknown>,
  shape: ApiShape | undefined,
  path: YamlPath,
  context: MergeContext,
): Record<string, unknown> {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(change)) {
    const member = memberOf(shape, key);
    if (!member) faultMistyped(key, shape, [...path, key], context);
    const result = mergeValue(base[key], value, member, [...path, key], context);
    if (result === undefined) merged.delete(key);
    else merged.set(key, result);
  }
  return Object.fromEntries(merged);
}

/** A field nobody knows may be newer than the SDK; one that is nearly a known one is mistyped. */
function faultMistyped(
  key: string,
  shape: ApiShape | undefined,
  path: YamlPath,
  context: MergeContext,
): void {
  const [near] = shape?.kind === 'struct' ? nearMatches(key, shape.members.keys()) : [];
  if (near) context.fault(path, `"${key}" is no field of the API: did you mean "${near}"?`);
}

function mergeList(
  base: unknown,
  change: unknown,
  item: ApiShape,
  path: YamlPath,
  context: MergeContext,
): unknown {
  if (Array.isArray(change)) {
    return change.map((one, i) => mergeValue(undefined, one, item, [...path, i], context));
  }
  const keys = item.kind === 'struct' ? KEYS[item.name] : undefined;
  if (isMap(change) && keys) return mergeNamed(base, change, { ...keys, item }, path, context);
  if (typeof change === 'string' && COMMAND_LINES.has(String(path.at(-1)))) {
    return wordsOf(change, path, context);
  }
  context.fault(path, keys ? `expected a list, or a map by ${keys.key}` : 'expected a list');
  return base;
}

interface Named {
  key: string;
  value?: string;
  item: ApiShape;
}

function mergeNamed(
  base: unknown,
  change: Record<string, unknown>,
  { key, value, item }: Named,
  path: YamlPath,
  context: MergeContext,
): unknown[] {
  const items = (Array.isArray(base) ? base : []).filter(isMap);
  const names = Object.keys(change);
  const changed = (entry: Record<string, unknown>, name: string): unknown[] => {
    const given = change[name];
    const at = [...path, name];
    if (given === null || given === undefined) return [];
    if (isMap(given)) return [mergeMap(entry, given, item, at, context)];
    if (value === undefined) {
      context.fault(at, 'expected a map, or null to take it away');
      return [entry];
    }
    return [{ ...entry, [value]: plainOf(given, memberOf(item, value), at, context) }];
  };
  const kept = items.flatMap((entry) => {
    const name = names.find((one) => isNamed(entry, key, one));
    return name === undefined ? [entry] : changed(entry, name);
  });
  const absent = names.filter((name) => !items.some((entry) => isNamed(entry, key, name)));
  if (item.kind === 'struct' && MUST_BE_THERE.has(item.name)) {
    const known = items.map((entry) => String(entry[key]));
    for (const name of absent.filter((one) => change[one] === null))
      context.fault([...path, name], `there is no "${name}" to take away.${renderNearMatches(name, known)}`);
  }
  return [...kept, ...absent.flatMap((name) => changed(newItem(key, name), name))];
}

/** A port may carry its protocol, as in `8125/udp`; without one every protocol of that port is meant. */
function isNamed(entry: Record<string, unknown>, key: string, name: string): boolean {
  if (key !== 'containerPort') return String(entry[key]) === name;
  const [port, protocol] = name.split('/');
  return String(entry[key]) === port && (protocol === undefined || (entry.protocol ?? 'tcp') === protocol);
}

function newItem(key: string, name: string): Record<string, unknown> {
  if (key !== 'containerPort') return { [key]: name };
  const [port = '', protocol] = name.split('/');
  const containerPort = /^\d+$/.test(port) ? Number(port) : port;
  return { containerPort, ...(protocol ? { protocol } : {}) };
}

/** A line that begins with a bracket is JSON, any other is split as a shell does. */
function wordsOf(line: string, path: YamlPath, context: MergeContext): string[] {
  const words = line.trim().startsWith('[') ? tryWords(line) : splitShellWords(line);
  if (words) return words;
  context.fault(path, 'expected words as in a shell, with closed quotes, or a JSON list of texts');
  return [];
}

function tryWords(line: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Numbers and the like become texts where the API has a text, as they are written. */
function plainOf(
  value: unknown,
  shape: ApiShape | undefined,
  path: YamlPath,
  context: MergeContext,
): unknown {
  if (shape?.kind !== 'text' || (typeof value !== 'number' && typeof value !== 'boolean')) return value;
  return context.sourceOf(path) ?? String(value);
}

function memberOf(shape: ApiShape | undefined, key: string): ApiShape | undefined {
  if (shape?.kind === 'struct') return shape.members.get(key)?.();
  return shape?.kind === 'map' ? shape.value() : undefined;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
