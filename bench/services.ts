/**
 * The goals of the included services, each against peers in the same run: `npm run bench:services [-- GOAL…]`, such as
 * `-- G5 G6` or `-- start`. About a quarter of an hour. Prints a table a goal and exits 1 when the median of a ratio
 * misses its bar.
 */
import { type Goal, missesOf, playGoal, renderGoal } from './services/contest.ts';
import { changeAndEvent, keyedRead, outboxRelay } from './services/goals/database.ts';
import { driverBatch } from './services/goals/driver-batch.ts';
import { emailApi } from './services/goals/email-api.ts';
import { emailConsumer } from './services/goals/email-consumer.ts';
import { nearestDrivers } from './services/goals/nearest-drivers.ts';
import { passwordHash, verifiedToken } from './services/goals/security.ts';
import { start } from './services/goals/start.ts';

const ROUNDS = 5;
const goals: readonly Goal[] = [
  emailApi,
  emailConsumer,
  nearestDrivers,
  driverBatch,
  keyedRead,
  changeAndEvent,
  verifiedToken,
  passwordHash,
  outboxRelay,
  start,
];

const asked = process.argv.slice(2);
const known = goals.flatMap(({ id }) => id.split(', '));
const strange = asked.filter((id) => !known.includes(id));
if (strange.length > 0) {
  console.error(`There is no goal ${strange.join(', ')}; write ${known.join(', ')}.`);
  process.exit(2);
}

const missed: string[] = [];
for (const goal of goals) {
  if (asked.length > 0 && !goal.id.split(', ').some((id) => asked.includes(id))) continue;
  const result = await playGoal(goal, ROUNDS);
  console.log(`${renderGoal(result)}\n`);
  missed.push(...missesOf(result));
}
for (const line of missed) console.error(line);
if (missed.length > 0) process.exitCode = 1;
