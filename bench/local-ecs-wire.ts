import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startMoto } from '../local/aws/gateway/moto.ts';
import { ensurePythonTools } from '../local/machine/python-tools.ts';
import { percentile, renderColumns } from './measure.ts';
import { createRawClient } from './wire/raw-client.ts';
import { measuredCalls, type SignedCall, setUpCalls } from './wire/signed-calls.ts';

/** The bar: how many times as many calls a second the local ECS answers as moto's server. */
export const BAR_RATIO = 8;
const ROUNDS = 15;
const WARM_UPS = 5;
/** How often the calls are repeated in a round: long enough for the clock, short enough to interleave. */
const REPEATS = { ours: 40, moto: 8 };

/** Answers a second, a figure each round, of both servers in turn. */
export interface WireResult {
  ours: number[];
  moto: number[];
  /** Ours to moto's of the same round. */
  ratios: number[];
  operations: string[];
}

interface Contestant {
  repeats: number;
  port: number;
  calls: SignedCall[];
}

/**
 * Measures the local ECS, over HTTP through the gateway, and moto's server on the same calls of the same SDK,
 * each in a process of its own: the signed bytes are replayed on one keep-alive connection, one after the other.
 * Rounds of the two alternate, so that what else the machine does hits both. Throws when a call fails.
 */
export async function benchWire(log: (line: string) => void): Promise<WireResult> {
  const { bin } = await ensurePythonTools(['moto'], { log });
  const moto = await startMoto(bin);
  const own = await startOwn();
  try {
    const ours = await prepare(own.port, REPEATS.ours);
    const theirs = await prepare(Number(new URL(moto.url).port), REPEATS.moto);
    for (let n = 0; n < WARM_UPS; n++) for (const one of [ours, theirs]) await play(one);
    const rates: { ours: number[]; moto: number[] } = { ours: [], moto: [] };
    for (let n = 0; n < ROUNDS; n++) {
      rates.ours.push(await play(ours));
      rates.moto.push(await play(theirs));
    }
    const ratios = rates.ours.map((rate, n) => rate / (rates.moto[n] ?? Number.NaN));
    return { ...rates, ratios, operations: ours.calls.map(({ operation }) => operation) };
  } finally {
    own.stop();
    await moto.stop();
  }
}

async function prepare(port: number, repeats: number): Promise<Contestant> {
  const client = createRawClient(port);
  for (const { operation, bytes } of await setUpCalls(port)) {
    const status = await client.send(bytes);
    if (status !== 200) throw new Error(`${operation} was answered ${status} by the server at ${port}.`);
  }
  client.close();
  return { port, repeats, calls: await measuredCalls(port) };
}

/** One round: answers a second. */
async function play({ port, calls, repeats }: Contestant): Promise<number> {
  const client = createRawClient(port);
  const startedAt = performance.now();
  for (let n = 0; n < repeats; n++) {
    for (const { operation, bytes } of calls) {
      const status = await client.send(bytes);
      if (status !== 200) throw new Error(`${operation} was answered ${status} by the server at ${port}.`);
    }
  }
  const seconds = (performance.now() - startedAt) / 1000;
  client.close();
  return (repeats * calls.length) / seconds;
}

async function startOwn(): Promise<{ port: number; stop(): void }> {
  const program = join(import.meta.dirname, 'wire', 'local-ecs-server.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  return { port: Number(line), stop: () => void child.stdin.end() };
}

/** The figures as a table, medians with the tenth and ninetieth percentile. */
export function renderWire({ ours, moto, ratios, operations }: WireResult): string {
  const spread = (numbers: readonly number[], digits: number) => [
    percentile(numbers, 50).toFixed(digits),
    `${percentile(numbers, 10).toFixed(digits)}–${percentile(numbers, 90).toFixed(digits)}`,
  ];
  const head = [`signed calls replayed (${operations.length} kinds)`, 'median', 'p10–p90', 'bar'];
  return renderColumns(head, [
    ['local ECS through the gateway, calls a second', ...spread(ours, 0), ''],
    ['moto server, calls a second', ...spread(moto, 0), ''],
    ['ratio of a round', ...spread(ratios, 1), `≥ ${BAR_RATIO}`],
  ]);
}
