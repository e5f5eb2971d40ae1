import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** An action.yml as read; descriptions are one sentence or more in Markdown. */
export interface ActionFile {
  readonly name: string;
  readonly description: string;
  readonly inputs?: Readonly<Record<string, Input>>;
  readonly outputs?: Readonly<Record<string, Described>>;
  readonly runs: { readonly using: string; readonly main: string };
}

export interface Described {
  readonly description: string;
}

/** Of an action, whose defaults are texts, or of a workflow, whose defaults may be numbers and truth values too. */
export interface Input extends Described {
  readonly required?: boolean;
  readonly default?: string | number | boolean;
}

/** Names of the action folders, in the order of a deployment; folders this list does not know come last. */
export function listActions(folder: string): string[] {
  const path = [
    'detect-changes',
    'assume-role',
    'build-and-push',
    'render-task-def',
    'deploy-service',
    'wait-for-stable',
    'smoke-test',
    'rollback',
    'terraform-plan',
    'terraform-apply',
  ];
  const rank = (name: string): number => (path.includes(name) ? path.indexOf(name) : path.length);
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'action.yml')))
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

export function readActionFile(folder: string, name: string): ActionFile {
  return parse(readFileSync(join(folder, name, 'action.yml'), 'utf8')) as ActionFile;
}

/** A README of an action with its tables of inputs and outputs written anew. Throws when a marker is missing. */
export function withActionTables(readme: string, { inputs = {}, outputs = {} }: ActionFile): string {
  const withInputs = replaceBetween(readme, 'inputs', inputTable(inputs));
  return replaceBetween(withInputs, 'outputs', describedTable('Output', outputs));
}

export function inputTable(inputs: Readonly<Record<string, Input>>): string {
  const rows = Object.entries(inputs).map(([name, input]) => [
    `\`${name}\``,
    oneLine(input.description),
    input.required ? 'required' : (input.default ?? '') === '' ? '' : `\`${input.default}\``,
  ]);
  return table(['Input', 'What it is', 'Default'], rows);
}

export function describedTable(head: string, entries: Readonly<Record<string, Described>>): string {
  const rows = Object.entries(entries).map(([name, { description }]) => [
    `\`${name}\``,
    oneLine(description),
  ]);
  return table([head, 'What it is'], rows);
}

/** The page over all actions with its table written anew. */
export function withActionsTable(page: string, actions: readonly (readonly [string, ActionFile])[]): string {
  const rows = actions.map(([name, { description }]) => [
    `[${name}](${name}/README.md)`,
    oneLine(description),
  ]);
  return replaceBetween(page, 'actions', table(['Action', 'What it does'], rows));
}

export function replaceBetween(text: string, marker: string, content: string): string {
  const parts = text.split(new RegExp(`(<!-- ${marker} -->)[\\s\\S]*?(<!-- /${marker} -->)`));
  const [before, open, close, after, ...more] = parts;
  if (after === undefined || more.length > 0) {
    throw new Error(`expected one <!-- ${marker} --> and one <!-- /${marker} --> after it`);
  }
  return `${before}${open}\n\n${content}\n\n${close}${after}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`.replace(/ {2}\|/g, ' |');
  if (rows.length === 0) return 'None.';
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ').replaceAll('|', '\\|');
}
