import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceBetween, table } from './action-tables.ts';

/** A `variable` or `output` block as its module's README shows it. */
export interface TerraformValue {
  readonly name: string;
  readonly description: string;
  /** A variable's type in short: attributes of objects by their names, optional ones with `?`. */
  readonly type: string;
  /** A variable's default on one line; absent where it is required. */
  readonly fallback?: string;
}

export interface TerraformModule {
  readonly variables: readonly TerraformValue[];
  readonly outputs: readonly TerraformValue[];
}

/** Folders under `root` that are modules or roots, those with a `variables.tf`, as paths relative to it. */
export function listModules(root: string, below = ''): string[] {
  const folders = readdirSync(join(root, below), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'tests' && !entry.name.startsWith('.'),
  );
  const here = below !== '' && existsSync(join(root, below, 'variables.tf')) ? [below] : [];
  return [...here, ...folders.flatMap(({ name }) => listModules(root, join(below, name)))].sort();
}

/** Reads `variables.tf` and `outputs.tf` of a module; there may be no outputs. */
export function readModule(folder: string): TerraformModule {
  const read = (file: string): string =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '';
  return {
    variables: blocksOf(read('variables.tf'), 'variable'),
    outputs: blocksOf(read('outputs.tf'), 'output'),
  };
}

/** A module's README with its tables written anew. Throws when a marker is missing. */
export function withModuleTables(readme: string, { variables, outputs }: TerraformModule): string {
  const inputRows = variables.map(({ name, description, type, fallback }) => [
    `\`${name}\``,
    escaped(description),
    `\`${escaped(type)}\``,
    fallback === undefined ? 'required' : `\`${escaped(fallback)}\``,
  ]);
  const outputRows = outputs.map(({ name, description }) => [`\`${name}\``, escaped(description)]);
  const withInputs = replaceBetween(
    readme,
    'inputs',
    table(['Input', 'What it is', 'Type', 'Default'], inputRows),
  );
  return replaceBetween(withInputs, 'outputs', table(['Output', 'What it is'], outputRows));
}

/** The blocks of one kind in formatted HCL, where a top-level block ends with a brace in the first column. */
function blocksOf(text: string, kind: 'variable' | 'output'): TerraformValue[] {
  const blocks = text.matchAll(new RegExp(`^${kind} "(\\w+)" \\{\\n([\\s\\S]*?)^\\}`, 'gm'));
  return [...blocks].map(([, name = '', body = '']) => {
    const fallback = argumentOf(body, 'default');
    return {
      name,
      description: JSON.parse(argumentOf(body, 'description') ?? '""') as string,
      type: shortType(argumentOf(body, 'type') ?? ''),
      ...(fallback === undefined ? {} : { fallback: oneLine(fallback) }),
    };
  });
}

/** An argument's expression: to the end of its line, or to the line that closes what the first one opens. */
function argumentOf(body: string, name: string): string | undefined {
  const lines = body.split('\n');
  const start = lines.findIndex((line) => new RegExp(`^  ${name} +=`).test(line));
  if (start < 0) return undefined;
  const first = (lines[start] ?? '').replace(/^ {2}\w+ += /, '');
  if (!/[[({]$/.test(first)) return first;
  const end = lines.findIndex((line, index) => index > start && /^ {2}[\])}]/.test(line));
  return [first, ...lines.slice(start + 1, end + 1)].join('\n');
}

/** `object({ a = string, b = optional(number, 1) })` as `object({ a, b? })`; other types as they are. */
function shortType(type: string): string {
  if (!type.includes('object(')) return oneLine(type);
  const fields = type
    .split('\n')
    .filter((line) => /^ {4}\w+ +=/.test(line))
    .map((line) => {
      const [, field = '', rest = ''] = line.match(/^ {4}(\w+) += (.*)/) ?? [];
      return rest.startsWith('optional(') ? `${field}?` : field;
    });
  const open = type.slice(0, type.indexOf('({') + 2);
  return fields.length === 0
    ? oneLine(type)
    : `${open} ${fields.join(', ')} }${')'.repeat(open.split('(').length - 1)}`;
}

const oneLine = (text: string): string =>
  text
    .replace(/,?\n\s*([\])}])/g, ' $1')
    .replace(/([[({])\n\s*/g, '$1 ')
    .replace(/\n\s*/g, ', ')
    .replace(/\s+/g, ' ');

const escaped = (text: string): string => text.replaceAll('|', '\\|');
