import { renderNearMatches } from '../../actions/core/src/near-match.ts';
import { VERBS } from './verbs.ts';

/** What `berth local` was asked to do. */
export type LocalArguments = {
  /** Port asked for; another is chosen when it is taken. */
  port?: number;
  timeScale?: number;
  /** How long reads of a service do not see a write, in milliseconds. */
  readLagMs?: number;
  /** Whether calls of roles are checked against their policies. */
  enforceIam?: boolean;
  /** Whether ECS's API rate buckets count. */
  apiBuckets?: boolean;
  json: boolean;
  /** Base URL of what serves everything that is not ours; moto is started when absent. */
  backend?: string;
};

export type CommandLine =
  | { kind: 'local'; options: LocalArguments }
  /** An action from a shell; its flags are read where the action is known. */
  | { kind: 'verb'; verb: string; words: string[] }
  | { kind: 'verb-help'; verb: string }
  | { kind: 'help' }
  | { kind: 'refused'; message: string };

const COMMANDS = [...Object.keys(VERBS), 'local', 'help'];

type Flag = { takes: string; read: (text: string) => Partial<LocalArguments> | undefined };

const FLAGS: Readonly<Record<string, Flag>> = {
  '--port': {
    takes: 'a port from 0 to 65535',
    read: (text) => numberIn(text, 0, 65_535, (port) => ({ port })),
  },
  '--time-scale': {
    takes: 'a number above 0 and up to 1 (0.1 is ten times faster)',
    read: (text) => {
      const timeScale = Number(text);
      return text.trim() !== '' && timeScale > 0 && timeScale <= 1 ? { timeScale } : undefined;
    },
  },
  '--read-lag-ms': {
    takes: 'milliseconds, from 0 to 600000',
    read: (text) => numberIn(text, 0, 600_000, (readLagMs) => ({ readLagMs })),
  },
  '--backend': {
    takes: 'the http:// address of a server that speaks AWS',
    read: (text) => (/^http:\/\/./.test(text) && URL.canParse(text) ? { backend: text } : undefined),
  },
};

/** Flags that take no value. */
const SWITCHES: Readonly<Record<string, Partial<LocalArguments>>> = {
  '--json': { json: true },
  '--enforce-iam': { enforceIam: true },
  '--api-buckets': { apiBuckets: true },
};

/** Reads the words after `berth`. A flag's value may be the next word or follow `=`. Never throws. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const [command, ...rest] = words;
  if (command === undefined || ['help', '--help', '-h'].includes(command)) return { kind: 'help' };
  if (Object.hasOwn(VERBS, command)) {
    if (rest.includes('--help') || rest.includes('-h')) return { kind: 'verb-help', verb: command };
    return { kind: 'verb', verb: command, words: rest };
  }
  if (command !== 'local') {
    return refused(`there is no command "${command}".${renderNearMatches(command, COMMANDS)}`);
  }
  return parseLocal(rest);
}

function parseLocal(words: readonly string[]): CommandLine {
  let options: LocalArguments = { json: false };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--help' || word === '-h') return { kind: 'help' };
    if (Object.hasOwn(SWITCHES, word)) {
      options = { ...options, ...SWITCHES[word] };
      continue;
    }
    const [name = '', ...inline] = word.split('=');
    const flag = FLAGS[name];
    if (!flag) {
      const known = [...Object.keys(FLAGS), ...Object.keys(SWITCHES)];
      return refused(`"local" has no flag "${word}".${renderNearMatches(name, known)}`);
    }
    const text = inline.length > 0 ? inline.join('=') : words[++index];
    if (text === undefined) return refused(`${name} takes ${flag.takes}.`);
    const read = flag.read(text);
    if (!read) return refused(`${name} takes ${flag.takes}, not "${text}".`);
    options = { ...options, ...read };
  }
  return { kind: 'local', options };
}

function numberIn<T>(text: string, least: number, most: number, give: (value: number) => T): T | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? give(value) : undefined;
}

function refused(message: string): CommandLine {
  return { kind: 'refused', message };
}
