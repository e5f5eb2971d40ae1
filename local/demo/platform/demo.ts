import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { badOrders } from '../../../services/standalone/bad-orders.ts';
import { readStandaloneFiles } from '../../../services/standalone/files.ts';
import { repositoryFolder } from '../../machine/machine.ts';
import { type Narrator, renderRows } from '../chapter.ts';
import { startPlatform } from './platform.ts';
import { type PlatformEnding, tellPlatformStory } from './story.ts';

/** Deregistration delay, restart back-off and the 40-second rule pass ten times as fast as on AWS. */
const timeScale = 0.1;
/** What a golden journey may take, in milliseconds. */
const longestJourneyMs = 5_000;
/** What a service may add to the base image, in bytes. */
const largestImage = 8_000_000;

/**
 * `npm run demo -- platform`: ten services are shipped in the order of their needs, and bad versions of one come back
 * while deliveries go on. Gives the exit code: 0 only if every verdict was the expected one, no request failed and
 * every image is small enough.
 */
export async function demoPlatform(narrator: Narrator, signal: AbortSignal): Promise<number> {
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
    return isRight(ending) ? 0 : 1;
  } finally {
    await platform.stop();
  }
}

function renderEnding({ rows, journeys, firstJourneyMs, largest }: PlatformEnding): string[] {
  const { made, requests, failed, notes, durations } = journeys;
  const median = durations.toSorted((a, b) => a - b)[Math.floor(durations.length / 2)] ?? 0;
  return [
    '',
    ...renderRows(rows),
    '',
    `golden journeys while bad versions came and went: ${made}, ${requests} requests, ${failed} failed`,
    ...notes.map((note) => `  ${note}`),
    `a journey on its own: ${seconds(firstJourneyMs)} (goal: ${seconds(longestJourneyMs)}); median of those under way: ${seconds(median)}`,
    `largest image above its base: ${largest.name}, ${(largest.bytes / 1e6).toFixed(1)} MB (limit: ${largestImage / 1e6} MB)`,
  ];
}

function isRight({ rows, journeys, largest }: PlatformEnding): boolean {
  return (
    rows.every(({ verdict, expected }) => verdict === expected) &&
    journeys.made > 0 &&
    journeys.failed === 0 &&
    largest.bytes <= largestImage
  );
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
