import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { badOrders } from '../../../services/standalone/bad-orders.ts';
import { readStandaloneFiles } from '../../../services/standalone/files.ts';
import { repositoryFolder } from '../../machine/machine.ts';
import { type Narrator, renderRows } from '../chapter.ts';
import { startPlatform } from './platform.ts';
import { type PlatformEnding, tellPlatformStory } from './story.ts';

/** Deregistration delay, restart back-off and the 40-second rule pass forty times as fast as on AWS. */
const timeScale = 0.025;
/** What a golden journey may take, in milliseconds. */
const longestJourneyMs = 5_000;
/** What a service may add to the base image. */
const largestImageBytes = 8_000_000;

/**
 * `npm run demo -- platform`: ten services are shipped in the order of their needs, and bad versions of one come back
 * while deliveries go on. Gives what came of it and the exit code: 0 only if every verdict was the expected one, no
 * request failed and every service's image is small enough.
 */
export async function demoPlatform(
  narrator: Narrator,
  signal: AbortSignal,
): Promise<{ ending: PlatformEnding; exitCode: number }> {
  narrator.say('Berth: ten services of a delivery platform on a local Amazon ECS');
  narrator.chapter(
    'a  The ground: Docker engine, local AWS, PostgreSQL, Redis, NATS, load balancer, secrets, queues',
  );
  const lock = await readFile(join(repositoryFolder, 'package-lock.json'), 'utf8');
  const files = await readStandaloneFiles(join(repositoryFolder, 'services'), lock);
  const platform = await startPlatform({ files, timeScale, log: (line) => narrator.tell(line) });
  try {
    const ending = await tellPlatformStory(platform, { files, bad: badOrders }, narrator, signal);
    narrator.chapter('g  What came of it');
    for (const line of renderEnding(ending)) narrator.say(line);
    return { ending, exitCode: isRight(ending) ? 0 : 1 };
  } finally {
    await platform.stop();
  }
}

function renderEnding(ending: PlatformEnding): string[] {
  const { rows, journeys, delivery } = ending;
  const [name, bytes] = largestImage(ending);
  const { made, requests, failed, notes, durations } = journeys;
  const median = durations.toSorted((a, b) => a - b)[Math.floor(durations.length / 2)] ?? 0;
  return [
    '',
    ...renderRows(rows),
    '',
    `golden journeys while bad versions came and went: ${made}, ${requests} requests, ${failed} failed`,
    ...notes.map((note) => `  ${note}`),
    `a journey on its own: ${seconds(delivery.durationMs)} (goal: ${seconds(longestJourneyMs)}); median of those under way: ${seconds(median)}`,
    `largest image of a service above its base: ${name}, ${megabytes(bytes)} (limit: ${megabytes(largestImageBytes)})`,
  ];
}

/** Its service and bytes; the one process of a small installation holds all ten and is no service's. */
function largestImage({ sizes }: PlatformEnding): readonly [string, number] {
  return [...sizes].toSorted(([, a], [, b]) => b - a)[0] ?? ['none', Number.NaN];
}

function isRight(ending: PlatformEnding): boolean {
  const { rows, journeys } = ending;
  return (
    rows.every(({ verdict, expected }) => verdict === expected) &&
    journeys.made > 0 &&
    journeys.failed === 0 &&
    largestImage(ending)[1] <= largestImageBytes
  );
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
