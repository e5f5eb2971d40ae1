import { describe, expect, test } from '@jest/globals';
import { parseActLine } from '../act-log.ts';
import { reportOf } from '../act-report.ts';

const base = { dryrun: false, job: 'deploy/Ship/Build-2 ', jobID: 'build', level: 'info', matrix: { n: 2 } };
const step = { ...base, stage: 'Main', step: 'Build', stepID: ['b'] };
const read = (entry: object) => parseActLine(JSON.stringify(entry));

describe('a line of act', () => {
  test.each<[string, object, object]>([
    ['begins a step', { ...step, msg: '⭐ Run Main Build' }, { kind: 'step-started', stage: 'Main' }],
    [
      'ends a step',
      { ...step, msg: '  ✅  Success', stepResult: 'success', executionTime: 2_500_000_000 },
      { kind: 'step-ended', stage: 'Main', result: 'success', seconds: 2.5 },
    ],
    [
      'ends a job',
      { ...base, msg: '🏁  Job failed', jobResult: 'failure' },
      { kind: 'job-ended', result: 'failure' },
    ],
    ['is output of a step', { ...step, msg: 'hello\n', raw_output: true }, { kind: 'line', text: 'hello' }],
    [
      'is an error with its place',
      {
        ...step,
        msg: '  ❗  ::error title=T,line=7::it broke%0Atwice\n',
        command: 'error',
        arg: 'it broke\ntwice',
      },
      {
        kind: 'annotation',
        level: 'error',
        message: 'it broke\ntwice',
        properties: { title: 'T', line: '7' },
      },
    ],
    [
      'is an error that names an ARN, which act divides in the wrong place',
      {
        ...step,
        msg: '  ❓  ::error::User: arn:aws:sts::123456789012:assumed-role/x is not authorized\n',
        command: 'error::User:',
        arg: '123456789012:assumed-role/x is not authorized',
      },
      {
        kind: 'annotation',
        level: 'error',
        message: 'User: arn:aws:sts::123456789012:assumed-role/x is not authorized',
        properties: {},
      },
    ],
    [
      'is an error with its place that names an ARN',
      { ...step, msg: '  ❗  ::error file=a%2Cb.yaml,line=3::no arn:aws:iam::1:role/x\n', command: 'error' },
      {
        kind: 'annotation',
        level: 'error',
        message: 'no arn:aws:iam::1:role/x',
        properties: { file: 'a,b.yaml', line: '3' },
      },
    ],
    ['opens a group', { ...step, msg: 'x', command: 'group', arg: 'Push' }, { kind: 'group', title: 'Push' }],
    ['closes a group', { ...step, msg: 'x', command: 'endgroup', arg: '' }, { kind: 'end-group' }],
    [
      'sets an output',
      { ...step, msg: 'x', command: 'set-output', name: 'a', arg: 'b' },
      { kind: 'output', name: 'a', value: 'b' },
    ],
    [
      'shows a summary, in its masked form',
      { ...step, msg: '  ⚙  Summary - # *** here\n', command: 'summary', content: '# token here\n' },
      { kind: 'summary', markdown: '# *** here\n' },
    ],
    [
      'tells a fault of an expression',
      { ...step, level: 'error', msg: 'Unable to interpolate expression' },
      { kind: 'fault', text: 'Unable to interpolate expression' },
    ],
    [
      'repeats an exit status',
      { ...step, level: 'error', msg: 'exit status 1' },
      { kind: 'remark', text: 'exit status 1' },
    ],
  ])('%s', (_title, entry, expected) => {
    expect(read(entry)).toMatchObject(expected);
  });

  test('knows its job, step and matrix', () => {
    expect(read({ ...step, msg: 'x' })).toMatchObject({
      job: 'deploy/Ship/Build-2',
      jobId: 'build',
      step: 'Build',
      stepId: 'b',
      matrix: { n: 2 },
    });
  });

  test('that is not JSON is a fault', () => {
    expect(parseActLine('Error: workflow is not valid')).toMatchObject({
      kind: 'fault',
      text: 'Error: workflow is not valid',
    });
  });
});

test('a job that failed is no fault of act', () => {
  expect(parseActLine("Error: Job 'Deploy' failed")).toMatchObject({ kind: 'remark' });
});

describe('a report', () => {
  const job = (name: string, ok: boolean, jobResult: string) => [
    read({ ...step, job: name, msg: '⭐ Run Main Build' }),
    read({ ...step, job: name, msg: 'v', command: 'set-output', name: 'v', arg: name }),
    read({ ...step, job: name, msg: 'e', stepResult: ok ? 'success' : 'failure', executionTime: 1e9 }),
    read({ ...base, job: name, msg: 'j', jobResult }),
  ];

  test('keeps the results of a matrix apart, where act blames one job for another', () => {
    const { jobs } = reportOf([...job('m-1', false, 'failure'), ...job('m-2', true, 'failure')]);
    expect(jobs.map(({ name, result }) => [name, result])).toEqual([
      ['m-1', 'failure'],
      ['m-2', 'success'],
    ]);
    expect(jobs[1]).toMatchObject({
      id: 'build',
      steps: [{ id: 'b', name: 'Build', result: 'success', seconds: 1 }],
      outputs: { b: { v: 'm-2' } },
    });
  });

  test('shows a job that never ended as unfinished', () => {
    expect(reportOf(job('a', true, 'success').slice(0, 2)).jobs).toMatchObject([{ result: 'unfinished' }]);
  });

  test('leaves out jobs that only call', () => {
    expect(reportOf([read({ ...base, msg: 'LocalRepositoryCache matched' })]).jobs).toEqual([]);
  });

  test('gathers annotations, summaries, faults and the log', () => {
    const report = reportOf([
      read({ ...step, msg: 'one\n', raw_output: true }),
      read({
        ...step,
        msg: '  🚧  ::warning file=a.ts,line=3::careful\n',
        command: 'warning',
        arg: 'careful',
      }),
      read({ ...step, msg: '  ⚙  Summary - # A', command: 'summary', content: '# A' }),
      read({ ...step, level: 'error', msg: 'no such function' }),
    ]);
    expect(report.annotations).toEqual([
      {
        level: 'warning',
        message: 'careful',
        file: 'a.ts',
        line: 3,
        job: 'deploy/Ship/Build-2',
        step: 'Build',
      },
    ]);
    expect(report).toMatchObject({ summary: '# A\n', faults: ['no such function'] });
    expect(report.log.split('\n')).toEqual([
      'deploy/Ship/Build-2 | one',
      'deploy/Ship/Build-2 | warning: careful',
      'deploy/Ship/Build-2 | no such function',
    ]);
  });
});
