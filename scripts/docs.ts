/**
 * Writes what the documents say twice: the tables of inputs and outputs in each action's README, from its action.yml,
 * the table of all actions, the tables of the workflows, the operations of the local AWS, and the diagrams of the platform.
 *
 *     node scripts/docs.ts            writes
 *     node scripts/docs.ts --check    writes nothing; fails where a document differs from what would be written
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { listActions, readActionFile, withActionsTable, withActionTables } from './action-tables.ts';
import { renderDrawio } from './diagram.ts';
import { withOperations } from './local-aws-operations.ts';
import { drawPlatform, parsePlatform } from './platform-diagrams.ts';
import { readCalledWorkflow, withWorkflowTables } from './workflow-tables.ts';

const ROOT = join(import.meta.dirname, '..');
const ACTIONS = join(ROOT, 'actions');
const WORKFLOWS = join(ROOT, '.github', 'workflows');

/** A document and how it is written anew. */
interface Page {
  readonly path: string;
  readonly write: (text: string) => string;
}

/** The workflows that others call; our own begin with a dot. */
const workflows = readdirSync(WORKFLOWS).filter((name) => !name.startsWith('.'));
const names = listActions(ACTIONS);
const platform = parsePlatform(readFileSync(join(ROOT, 'docs', 'platform.md'), 'utf8'));
const pages: Page[] = [
  ...names.map((name) => ({
    path: join(ACTIONS, name, 'README.md'),
    write: (text: string) => withActionTables(text, readActionFile(ACTIONS, name)),
  })),
  {
    path: join(ACTIONS, 'README.md'),
    write: (text: string) =>
      withActionsTable(
        text,
        names.map((name) => [name, readActionFile(ACTIONS, name)] as const),
      ),
  },
  {
    path: join(ROOT, 'workflows', 'README.md'),
    write: (text: string) =>
      withWorkflowTables(
        text,
        workflows.map((name) => [name, readCalledWorkflow(join(WORKFLOWS, name))] as const),
      ),
  },
  { path: join(ROOT, 'docs', 'local-aws-operations.md'), write: (text: string) => withOperations(text) },
  ...Object.entries(drawPlatform(platform)).map(([name, diagram]) => ({
    path: join(ROOT, 'docs', 'diagrams', `${name}.drawio`),
    write: () => renderDrawio(diagram),
  })),
];

const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
for (const { path, write } of pages) {
  const shown = relative(ROOT, path);
  if (!existsSync(path)) {
    console.error(`${shown} is missing; write it with the markers of its tables.`);
    process.exitCode = 1;
    continue;
  }
  const text = readFileSync(path, 'utf8');
  const fresh = write(text);
  if (fresh === text) continue;
  if (values.check) {
    console.error(`${shown} is not what the code gives; run node scripts/docs.ts and commit it.`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, fresh);
    console.log(`wrote ${shown}`);
  }
}
