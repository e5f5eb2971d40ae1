/** A test by its file and a part of its title. */
export type Held = readonly [file: string, title: string];

/** One row of the table of faults: the tests that hold it, and what of it is not held. */
export interface FaultRow {
  fault: string;
  /** `aws`: of calls to AWS. Else what the fault is of. */
  of: 'aws' | 'GitHub' | 'the image push' | 'the smoke test' | 'the runner';
  held: readonly Held[];
  open?: string;
}

const here = 'test/virtual/fault-table.test.ts';
const wait = 'test/virtual/wait-faults.test.ts';
const verdicts = 'test/virtual/wait-for-stable.test.ts';
const refused = 'test/virtual/refused-deployments.test.ts';
const early = 'test/virtual/early-end.test.ts';
const alarms = 'test/virtual/alarms-at-start.test.ts';
const kill = 'test/virtual/fault-kill.test.long.ts';
const writes = 'actions/core/test/ecs/writes.test.ts';
const follow = 'actions/core/test/follow.test.ts';
const credentials = 'actions/core/test/credentials.test.ts';
const push = 'actions/build-and-push/test/run.test.ts';

const aws = (fault: string, held: readonly Held[], open?: string): FaultRow => ({
  fault,
  of: 'aws',
  held,
  ...(open === undefined ? {} : { open }),
});

/** The 45 faults that a deployment has to stand, by number. */
export const FAULT_ROWS: Readonly<Record<number, FaultRow>> = {
  1: aws('30 % of the reads are throttled', [[wait, '1: three of ten calls throttled']]),
  2: aws('all is throttled for a minute', [[wait, '2: all calls throttled for a minute']]),
  3: aws('bursts of 500 and 503', [
    [wait, '3: three of ten calls answered 503'],
    [wait, '3: three of ten calls answered 500'],
    [wait, '3: nothing but 503 for a minute'],
  ]),
  4: aws('UpdateService is applied, its answer lost', [
    [here, '4: UpdateService is applied, its answer lost'],
    [writes, 'reads back after a lost answer and does not repeat a write that was carried out'],
  ]),
  5: aws('UpdateService is lost', [
    [here, '5: UpdateService is lost'],
    [writes, 'repeats the write once after a lost answer that was not carried out'],
  ]),
  6: aws('RegisterTaskDefinition is applied, its answer lost', [
    [here, '6: RegisterTaskDefinition is applied, its answer lost'],
    [writes, 'finds its own revision after a lost answer, behind one that another run has registered'],
  ]),
  7: aws('StopServiceDeployment is applied, its answer lost', [
    [here, '7: StopServiceDeployment is applied, its answer lost'],
    [writes, 'takes ROLLBACK_REQUESTED after a lost answer for success'],
  ]),
  8: aws('ContinueServiceDeployment is applied, its answer lost', [
    ['test/virtual/pause.test.ts', 'answers no hook with CONTINUE after a lost ROLLBACK'],
  ]),
  9: aws('credentials end during the wait', [
    [credentials, 'keeps a session until 5 minutes before its end, then makes a new one'],
    [credentials, 'makes one session for all who ask at the same time, also at renewal'],
  ]),
  10: aws('the token of the job ends while its role is asked for again', [
    [credentials, 'draws a fresh token for each try'],
    [credentials, 'to a token that grew old on its way'],
  ]),
  11: aws('STS of the region does not answer', [
    [credentials, 'that of %s is asked twice, then that of %s'],
    [credentials, 'nor in the second region, says where, and that nothing was changed'],
    [credentials, 'a refusal is an answer: no second token, no second region'],
  ]),
  12: aws('the trust policy refuses', [
    [credentials, 'shows the claims of a refused token and a trust policy that accepts it, after one call'],
  ]),
  13: aws('an optional read is denied', [
    [follow, 'keeps its verdict when the cause may not be read'],
    [refused, 'an image that may not be looked up is said, and does not stop the deployment'],
    ['test/virtual/rollback-preflight.test.ts', 'is told, refuses nothing, and the rollback goes on'],
  ]),
  14: aws('a role may not be passed', [
    [refused, 'a role that may not be passed stops the run at its first write'],
  ]),
  15: aws('the runner is killed before UpdateService', [
    [here, '15: killed before UpdateService'],
    [kill, 'a job that gets a SIGKILL at forty random points'],
  ]),
  16: aws('the runner is killed while a pause waits', [[here, '16: killed while a pause waits']]),
  17: aws('the runner is killed during the bake', [
    [here, "17: killed during the bake', async"],
    [here, '17: killed during the bake, the alarms of ECS still guard'],
  ]),
  18: {
    fault: 'the job is cancelled',
    of: 'the runner',
    held: [
      [early, 'asks ECS to go back, within 5 s, and ends as stopped'],
      [early, 'leaves the deployment alone where that was asked for'],
      [early, 'watches on where that was asked for'],
    ],
  },
  19: aws('no network', [
    [wait, '19: no network for ninety seconds'],
    [wait, '19: no network until the time is up is unknown, and red'],
  ]),
  20: aws('the name of an endpoint is not found', [[here, '20: the name of an endpoint is not found']]),
  21: aws('two runs deploy at once', [[here, '21: two runs deploy at once']]),
  22: aws('a newer deployment takes over', [
    [verdicts, 'says superseded, not failed, for a deployment that a newer one replaced'],
    [
      'actions/wait-for-stable/test/excuse-superseded.test.ts',
      'is green with a notice when the newer commit',
    ],
  ]),
  23: aws('an older commit over a newer one', [
    [
      'test/virtual/deploy-order.test.ts',
      'an older commit over a newer one is refused before anything is written',
    ],
  ]),
  24: aws('the circuit breaker rolls back', [
    [verdicts, 'says rolled-back when the breaker trips, shows the cause at once and ends with the rollback'],
  ]),
  25: aws('ROLLBACK_FAILED', [
    [here, '25: the rollback fails as well'],
    ['actions/core/test/decide/verdict.test.ts', 'rollback failed, nobody named'],
  ]),
  26: aws('an alarm is raised in the bake', [[here, '26: an alarm is raised in the bake']]),
  27: aws('an alarm is in ALARM before the start', [
    [alarms, 'in ALARM already is said, and the deployment goes on as ECS takes it'],
    [alarms, 'in ALARM already refuses a deployment where that was asked for'],
    ['test/virtual/rollback-preflight.test.ts', 'an alarm of the deployments is in ALARM already'],
  ]),
  28: aws('tasks crash, without a breaker', [[early, 'the same exit code three times']]),
  29: aws('the image cannot be pulled', [
    [early, 'is stopped within 10 s of the first task that could not start'],
  ]),
  30: {
    fault: 'the push is interrupted',
    of: 'the image push',
    held: [[push, 'shows the end of a failed build, and of a failed push']],
    open: 'resuming is left to the Docker client',
  },
  31: {
    fault: 'the tag exists',
    of: 'the image push',
    held: [
      [push, 'builds nothing when the repository has the tag'],
      [push, 'takes the image of another run that pushed the immutable tag meanwhile'],
    ],
  },
  32: aws('reads are old', [
    [wait, '32: reads that are 4 s old'],
    [follow, 'drops a reading that is older than the last one'],
  ]),
  33: aws('the new deployment is listed late', [
    [here, '33: the new deployment is listed late'],
    [writes, 'waits for a deployment that is listed late'],
  ]),
  // ECS and CloudWatch judge the data; what a run can do is to take no silence for a yes.
  34: aws('metrics are late or missing', [
    [alarms, 'without data is said before and after, with its treatment of missing data'],
    [alarms, 'without data when a failure is explained is shown so'],
    [alarms, 'without data is minded by a rollback'],
  ]),
  35: aws('the clock of the runner is off', [
    [wait, '35: a clock that is ten minutes behind'],
    [wait, '35: a clock that is ten minutes ahead'],
  ]),
  36: {
    fault: 'GitHub does not answer',
    of: 'GitHub',
    held: [
      ['actions/wait-for-stable/test/excuse-superseded.test.ts', 'gives no answer when GitHub gives none'],
    ],
  },
  37: {
    fault: 'a rollback is needed while GitHub is away',
    of: 'GitHub',
    held: [
      ['test/virtual/shell.test.ts', 'deploys, waits and rolls back with the inputs of the actions as flags'],
    ],
  },
  38: {
    fault: 'the summary is too long',
    of: 'GitHub',
    held: [
      ['actions/core/test/github/job-summary.test.ts', 'leaves out what would pass the limit of the runner'],
    ],
  },
  39: aws('service, cluster or region are not there', [
    [wait, '39: a service deleted meanwhile is a failure with that cause'],
    [refused, 'a service that is deleted'],
    ['test/virtual/deploy-service.test.ts', 'a service that is not there'],
    ['test/virtual/deploy-service.test.ts', 'a cluster that is not there'],
    ['actions/core/test/region.test.ts', 'finds the mistyped region in'],
  ]),
  40: aws('the desired count changes', [
    [wait, '40: a desired count that autoscaling changes meanwhile is no instability'],
  ]),
  41: aws('scale-in and Spot end a task', [
    [here, '41: %s, which is no fault of the deployment'],
    [here, 'Spot ends a task again and again'],
    [here, 'scale-in ends a verified task'],
  ]),
  42: aws('the load balancer contradicts', [
    [verdicts, 'does not believe a success that the load balancer contradicts'],
  ]),
  43: {
    fault: 'the endpoint flaps',
    of: 'the smoke test',
    held: [
      [
        'actions/core/test/smoke/run-check.test.ts',
        'passes only on as many right answers in a row, fails early only on as many wrong ones',
      ],
    ],
  },
  44: {
    fault: 'the disk is full',
    of: 'the runner',
    held: [['actions/core/test/github/job-summary.test.ts', 'never throws: a page is an extra']],
  },
  45: aws('SIGKILL at random points', [
    [kill, 'a job that gets a SIGKILL at forty random points'],
    ['test/killed/killed-processes.test.itg.ts', 'a process that gets a SIGKILL at forty random calls'],
  ]),
};
