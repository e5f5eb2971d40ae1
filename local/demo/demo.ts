/**
 * `npm run demo`: a commit travels to a live service on a local Amazon ECS, and three bad ones come back.
 *
 *     npm run demo [-- --keep]
 *     npm run demo -- platform
 *
 * `platform` tells another story, of the ten services together.
 *
 * The ground is the project's own Terraform code, applied at the beginning and destroyed at the end. `--keep` leaves
 * everything running with its URLs until Ctrl-C. Exit code 0 only if every verdict was the
 * expected one, no probe request failed and no accepted mail was lost.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { badVersions, goodVersion } from '../../services/standalone/bad-versions.ts';
import { readStandaloneFiles } from '../../services/standalone/files.ts';
import { repositoryFolder } from '../machine/machine.ts';
import { MachineError } from '../machine/machine-error.ts';
import { parseDemoArguments } from './arguments.ts';
import { Narrator, type Row, renderRows } from './chapter.ts';
import { demoPlatform } from './platform/demo.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';
import { type Ending, tellStory } from './story.ts';
import { takeDown } from './take-down.ts';

/**
 * Deregistration delay, restart back-off, the 40-second rule and the bake under the alarms (four minutes on AWS) pass
 * forty times as fast.
 */
const TIME_SCALE = 0.025;

async function main(keep: boolean, interrupt: AbortController): Promise<number> {
  const narrator = new Narrator(Date.now, console.log);
  narrator.say('Berth: a commit to a live service on a local Amazon ECS, and three bad ones back');
  narrator.chapter('a  The ground: Docker engine, OIDC issuer, local AWS, and Terraform’s stacks on it');
  const sources = await readStandaloneFiles(
    join(repositoryFolder, 'services'),
    await readFile(join(repositoryFolder, 'package-lock.json'), 'utf8'),
  );
  const rehearsal = await startRehearsal({
    sources,
    timeScale: TIME_SCALE,
    narrator,
    signal: interrupt.signal,
  });
  try {
    const ending = await tellStory(rehearsal, { good: goodVersion, bad: badVersions }, narrator);
    if (!keep) ending.rows.push(await tellTakeDown(rehearsal, narrator));
    narrator.chapter(`${keep ? 'g' : 'h'}  What came of it`);
    for (const line of renderEnding(ending)) narrator.say(line);
    narrator.say(`seconds by chapter: ${narrator.chapterTimes()}`);
    if (keep) await keepRunning(rehearsal, narrator, interrupt.signal);
    return isRight(ending) ? 0 : 1;
  } finally {
    await rehearsal.stop();
  }
}

/** (g) What was made is destroyed, and the account is asked what it still has. */
async function tellTakeDown({ ground, clients }: Rehearsal, narrator: Narrator): Promise<Row> {
  const { hasTerraform } = ground;
  narrator.chapter(
    `g  ${hasTerraform ? 'Terraform destroys it' : 'What the recorded plans made is destroyed'}: services, foundation, bootstrap`,
  );
  const { value, seconds } = await narrator.timed(() => takeDown(ground, clients));
  const { destroyed, left } = value;
  narrator.tell(`${destroyed} resources destroyed, ${left.length} left in the account`);
  for (const name of left) narrator.tell(name);
  const verdict = left.length === 0 ? 'nothing left' : `${left.length} left`;
  const step = hasTerraform ? 'terraform destroy' : 'destroy by the recorded plans';
  return { step, expected: 'nothing left', verdict, seconds, served: '' };
}

function renderEnding({ rows, probe, mails }: Ending): string[] {
  return [
    '',
    ...renderRows(rows),
    '',
    `probe through the load balancer: ${probe.sent} requests, ${probe.failed} failed, ${probe.wrong} wrong answers (the third bad version's)`,
    ...probe.notes.map((note) => `  ${note}`),
    `mails accepted: ${mails.accepted}, objects stored: ${mails.stored}`,
  ];
}

/** Whether every verdict was expected, nothing failed and nothing was lost. */
function isRight({ rows, probe, mails }: Ending): boolean {
  return (
    rows.every((row) => row.verdict === row.expected) && probe.failed === 0 && mails.stored >= mails.accepted
  );
}

async function keepRunning({ aws, ground, runs }: Rehearsal, narrator: Narrator, signal: AbortSignal) {
  narrator.say('\nStill running; Ctrl-C ends it.');
  narrator.say(
    `  service    POST ${ground.url}/api/email (token ${ground.apiToken}; its certificate signs itself, curl -k)`,
  );
  narrator.say(
    `  AWS        AWS_ENDPOINT_URL=${aws.endpoint} AWS_ACCESS_KEY_ID=${aws.accountId} AWS_SECRET_ACCESS_KEY=x AWS_REGION=${aws.region}`,
  );
  narrator.say(`  Docker     DOCKER_HOST=${aws.dockerHost}`);
  narrator.say(`  caller     ${runs.caller.dir}`);
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

const request = parseDemoArguments(process.argv.slice(2));
if (request.kind === 'refused') {
  console.error(request.reason);
  process.exit(2);
}
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(130);
    console.log(`\n${signal}: ending what was started; once more to leave at once`);
    interrupt.abort();
  });
try {
  process.exitCode =
    request.kind === 'platform'
      ? (await demoPlatform(new Narrator(Date.now, console.log), interrupt.signal)).exitCode
      : await main(request.keep, interrupt);
} catch (error) {
  const message =
    error instanceof MachineError ? error.message : error instanceof Error ? error.stack : String(error);
  console.error(interrupt.signal.aborted ? 'interrupted' : `berth demo: ${message}`);
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
