import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const CLIENTS = join(import.meta.dirname, '..', '..', 'actions', 'core', 'src', 'clients');

/** IAM's name of a service whose SDK package is called otherwise. */
const PREFIXES: Readonly<Record<string, string>> = {
  'application-auto-scaling': 'application-autoscaling',
  'cloudwatch-logs': 'logs',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
  'secrets-manager': 'secretsmanager',
};

/** A token opens the role itself, and everybody may ask who he is: no policy is needed for these. */
const FREE = new Set(['sts:AssumeRoleWithWebIdentity', 'sts:GetCallerIdentity']);

/** The commands that `actions/core/src/clients/` loads at their first use: file's name to package and commands. */
const lazyClients = readdirSync(CLIENTS).map((file) => {
  const text = readFileSync(join(CLIENTS, file), 'utf8');
  const [, names = '', client = ''] = text.match(/export \{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/) ?? [];
  return { name: basename(file, '.ts'), client, commands: commandsIn(names) };
});

/**
 * The IAM actions of all SDK commands that a program can make, found by following its imports from `entry`. A command
 * counts where it is made (`new XCommand`), so that a type counts for nothing.
 */
export function reachableCalls(entry: string): string[] {
  const calls = [...reachableFiles(entry)].flatMap((file) => callsOf(file, readFileSync(file, 'utf8')));
  return [...new Set(calls)].filter((call) => !FREE.has(call)).sort();
}

function reachableFiles(entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry) || !existsSync(entry)) return seen;
  seen.add(entry);
  const imported = readFileSync(entry, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g);
  for (const [, path = ''] of imported) reachableFiles(join(dirname(entry), path), seen);
  return seen;
}

function callsOf(file: string, text: string): string[] {
  const made = new Set([...text.matchAll(/new (\w+)Command\(/g)].map(([, name = '']) => name));
  const known = [...importedCommands(text), ...lazyCommands(text)].filter(({ name }) => made.has(name));
  const lost = [...made].filter((name) => name !== 'Run' && !known.some((command) => command.name === name));
  if (lost.length > 0) throw new Error(`${file} makes ${lost.join(', ')}: of which client?`);
  return known.map(({ name, client }) => `${PREFIXES[client] ?? client}:${name}`);
}

type Command = { name: string; client: string };

/** `import { XCommand } from '@aws-sdk/client-x'` */
function importedCommands(text: string): Command[] {
  return [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/g)].flatMap(
    ([, names = '', client = '']) => commandsIn(names).map((name) => ({ name, client })),
  );
}

/**
 * `const { client, XCommand } = await x()`, or `x(region)()`, where `x` may be called otherwise if only one client has
 * the command.
 */
function lazyCommands(text: string): Command[] {
  return [...text.matchAll(/\{([^{}]*)\} = await (?:\w+\.)*(\w+)(?:\(\w+\))?\(\)/g)].flatMap(
    ([, names = '', opener]) =>
      commandsIn(names).flatMap((name) => {
        const having = lazyClients.filter(({ commands }) => commands.includes(name));
        const meant =
          having.find((client) => client.name === opener) ?? (having.length === 1 ? having[0] : undefined);
        return meant ? [{ name, client: meant.client }] : [];
      }),
  );
}

function commandsIn(names: string): string[] {
  return [...names.matchAll(/\b([A-Z]\w+)Command\b/g)].map(([, name = '']) => name);
}
