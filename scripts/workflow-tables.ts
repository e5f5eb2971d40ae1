import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Described, describedTable, type Input, inputTable, replaceBetween } from './action-tables.ts';

/** What a workflow that others call takes and gives. */
export interface CalledWorkflow {
  readonly inputs?: Readonly<Record<string, Input>>;
  readonly secrets?: Readonly<Record<string, Described>>;
  readonly outputs?: Readonly<Record<string, Described>>;
}

export function readCalledWorkflow(path: string): CalledWorkflow {
  return (parse(readFileSync(path, 'utf8')) as { on: { workflow_call: CalledWorkflow } }).on.workflow_call;
}

/** The page of the workflows with the tables of each, by its name, written anew. Throws when a marker is missing. */
export function withWorkflowTables(
  page: string,
  workflows: readonly (readonly [string, CalledWorkflow])[],
): string {
  return workflows.reduce((text, [name, { inputs = {}, secrets = {}, outputs = {} }]) => {
    const tables = [inputTable(inputs)];
    if (Object.keys(secrets).length > 0) tables.push(describedTable('Secret', secrets));
    tables.push(describedTable('Output', outputs));
    return replaceBetween(text, name, tables.join('\n\n'));
  }, page);
}
