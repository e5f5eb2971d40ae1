import { percentile, renderColumns } from '../measure.ts';

/** What one round of a contestant took. */
export interface Round {
  operations: number;
  wallMs: number;
  /** Processor time of the contestant's own process, user and system. */
  cpuMs: number;
}

export interface Contestant {
  readonly name: string;
  /** Plays one round of its own length. Throws when an operation fails: a figure of wrong answers is none. */
  play(): Promise<Round>;
  stop(): Promise<void>;
}

/** What is to be shown: a ratio of ours to a peer's of the same round. `rate` is operations a second, `cpu` processor time an operation. */
export interface Gate {
  readonly of: 'rate' | 'cpu';
  readonly ours: string;
  readonly peer: string;
  /** `rate`: at least so many times the peer's; `cpu`: at most so many times. */
  readonly bar: number;
}

/** A figure that is no ratio to a peer. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly bar: string;
  readonly holds: boolean;
}

/** One goal of the services, open to be played. */
export interface Contest {
  readonly contestants: readonly Contestant[];
  /** What holds beside the ratios, found after the rounds. */
  facts?(rounds: GoalResult['rounds']): Promise<Fact[]>;
  close?(): Promise<void>;
}

export interface Goal {
  readonly id: string;
  readonly title: string;
  readonly gates: readonly Gate[];
  open(): Promise<Contest>;
}

export interface GoalResult {
  readonly goal: Goal;
  readonly rounds: Readonly<Record<string, readonly Round[]>>;
  readonly facts: readonly Fact[];
}

/**
 * Plays a goal: one round of each to warm up, then `count` rounds of all contestants in turn, so that what else the
 * machine does hits all of them. Everything is stopped again, also when a round fails.
 */
export async function playGoal(goal: Goal, count: number): Promise<GoalResult> {
  const contest = await goal.open();
  try {
    for (const contestant of contest.contestants) await contestant.play();
    const rounds: Record<string, Round[]> = {};
    for (let round = 0; round < count; round += 1) {
      for (const contestant of contest.contestants) {
        const played = await contestant.play();
        rounds[contestant.name] = [...(rounds[contestant.name] ?? []), played];
      }
    }
    return { goal, rounds, facts: (await contest.facts?.(rounds)) ?? [] };
  } finally {
    await Promise.all(contest.contestants.map((contestant) => contestant.stop()));
    await contest.close?.();
  }
}

/** Operations a second. */
export const rateOf = ({ operations, wallMs }: Round): number => (operations / wallMs) * 1_000;
const cpuOf = ({ operations, cpuMs }: Round): number => (cpuMs / operations) * 1_000;

/** The ratios of a gate, one a round. */
function ratiosOf({ of, ours, peer }: Gate, rounds: GoalResult['rounds']): number[] {
  const figure = of === 'rate' ? rateOf : cpuOf;
  const theirs = rounds[peer] ?? [];
  return (rounds[ours] ?? []).map((round, index) => {
    const other = theirs[index];
    return other === undefined ? Number.NaN : figure(round) / figure(other);
  });
}

/** Says whether the median of a gate's ratios is on the right side of its bar. */
export function holds(gate: Gate, rounds: GoalResult['rounds']): boolean {
  const median = percentile(ratiosOf(gate, rounds), 50);
  return gate.of === 'rate' ? median >= gate.bar : median <= gate.bar;
}

/** What a goal missed, a sentence each; empty when it holds. */
export function missesOf({ goal, rounds, facts }: GoalResult): string[] {
  const gates = goal.gates
    .filter((gate) => !holds(gate, rounds))
    .map(
      (gate) => `${goal.id}: ${describe(gate)} is ${spread(ratiosOf(gate, rounds), 2)}, bar ${barOf(gate)}`,
    );
  const wrong = facts
    .filter((fact) => !fact.holds)
    .map(({ name, value, bar }) => `${goal.id}: ${name} is ${value}, bar ${bar}`);
  return [...gates, ...wrong];
}

/** A goal's figures: medians with the lowest and the highest round. Without a gate, what counts are the facts. */
export function renderGoal({ goal, rounds, facts }: GoalResult): string {
  const compared = goal.gates.length > 0 ? Object.entries(rounds) : [];
  const contestants = compared.map(([name, played]) => [
    name,
    spread(played.map(rateOf), 0),
    spread(played.map(cpuOf), 1),
    '',
  ]);
  const gates = goal.gates.map((gate) => [
    describe(gate),
    gate.of === 'rate' ? `${spread(ratiosOf(gate, rounds), 2)} ×` : '',
    gate.of === 'cpu' ? `${spread(ratiosOf(gate, rounds), 2)} ×` : '',
    barOf(gate),
  ]);
  const rest = facts.map(({ name, value, bar }) => [name, value, '', bar]);
  return renderColumns(
    [`${goal.id} ${goal.title}`, 'a second', 'CPU µs each', 'bar'],
    [...contestants, ...gates, ...rest],
  );
}

const describe = ({ of, ours, peer }: Gate): string => `${of} of ${ours} to ${peer}`;
const barOf = ({ of, bar }: Gate): string => `${of === 'rate' ? '≥' : '≤'} ${bar} ×`;

function spread(numbers: readonly number[], digits: number): string {
  const [low, median, high] = [0, 50, 100].map((percent) => percentile(numbers, percent).toFixed(digits));
  return `${median} (${low}–${high})`;
}
