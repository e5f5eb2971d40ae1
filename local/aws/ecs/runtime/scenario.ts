import type { Behaviour } from './scripted-runtime.ts';

/** Seconds or minutes, `8 s`, `1.5 min`, to milliseconds. */
const TIME = '(\\d+(?:\\.\\d+)?) (s|min)';

interface Clause {
  pattern: RegExp;
  apply(story: Story, words: string[]): void;
}

interface Story extends Behaviour {
  /** From the launch to its end. */
  endsAtMs?: number;
}

const CLAUSES: readonly Clause[] = [
  clause(`pulls in ${TIME}`, (story, [n, unit]) => {
    story.startsAfterMs = toMs(n, unit);
  }),
  clause('runs', () => {}),
  clause('cannot start: (.+)', (story, [reason]) => {
    story.failsToStart = reason ?? '';
  }),
  clause(`becomes (healthy|unhealthy) after ${TIME}`, (story, [state, n, unit]) => {
    const afterMs = toMs(n, unit);
    const isHealthy = state === 'healthy';
    story.health = [...(story.health ?? []), { afterMs, status: isHealthy ? 'HEALTHY' : 'UNHEALTHY' }];
    story.target = [...(story.target ?? []), { afterMs, state: isHealthy ? 'healthy' : 'unhealthy' }];
  }),
  clause(`dies with (\\d+) at ${TIME}(?:: (.+))?`, (story, [code, n, unit, reason]) => {
    story.endsAtMs = toMs(n, unit);
    story.exits = { afterMs: 0, code: Number(code), ...(reason === undefined ? {} : { reason }) };
  }),
  clause(`stops in ${TIME}`, (story, [n, unit]) => {
    story.stopsAfterMs = toMs(n, unit);
  }),
];

/**
 * Reads how a task behaves from a sentence: `pulls in 3 s, runs, becomes healthy after 8 s, dies with 137 at
 * 40 s`. What is not said goes well.
 *
 * Clauses, in any order: `pulls in T` · `runs` · `cannot start: <reason in AWS's words>` · `becomes healthy
 * after T`, `becomes unhealthy after T` (container check and target alike; T since it runs) · `dies with
 * <exit code> at T[: <reason>]` (T since its launch) · `stops in T` (since SIGTERM). T is `<n> s` or `<n> min`.
 * Throws an error that names a clause it does not know, and one that dies before it runs.
 */
export function behaves(sentence: string): Behaviour {
  const story: Story = {};
  for (const text of sentence.split(/,\s*(?=pulls|runs|cannot|becomes|dies|stops)/)) {
    const known = CLAUSES.find(({ pattern }) => pattern.test(text.trim()));
    const [, ...words] = known?.pattern.exec(text.trim()) ?? [];
    if (known === undefined) {
      throw new Error(
        `"${text}" says nothing about a task; expected for instance "pulls in 3 s", "runs", "becomes healthy after 8 s", "dies with 137 at 40 s".`,
      );
    }
    known.apply(story, words);
  }
  const { endsAtMs, ...behaviour } = story;
  return endsAtMs === undefined ? behaviour : { ...behaviour, ...endingAt(behaviour, endsAtMs) };
}

function endingAt({ startsAfterMs = 1000, exits }: Behaviour, endsAtMs: number): Pick<Behaviour, 'exits'> {
  if (endsAtMs < startsAfterMs) {
    throw new Error(`It dies at ${endsAtMs} ms, before it runs at ${startsAfterMs} ms; let it die later.`);
  }
  return { exits: { code: 0, ...exits, afterMs: endsAtMs - startsAfterMs } };
}

function clause(pattern: string, apply: Clause['apply']): Clause {
  return { pattern: new RegExp(`^${pattern}$`), apply };
}

function toMs(n = '0', unit = 's'): number {
  return Math.round(Number(n) * (unit === 'min' ? 60_000 : 1000));
}
