import type { ActEvent } from './act-log.ts';

export interface StepReport {
  /** `id:` of the step, else its index. */
  id: string;
  name: string;
  result: 'success' | 'failure';
  seconds: number;
}

/** One job that ran; skipped jobs leave no trace in act's log. */
export interface JobReport {
  name: string;
  id: string;
  matrix: Readonly<Record<string, unknown>>;
  /** `unfinished` when the run ended before the job did. */
  result: 'success' | 'failure' | 'unfinished';
  /** Main stages of the steps that ran, in order. */
  steps: StepReport[];
  /** Step outputs by step id and name. */
  outputs: Record<string, Record<string, string>>;
}

export interface Annotation {
  level: 'error' | 'warning' | 'notice';
  message: string;
  title?: string;
  file?: string;
  line?: number;
  job: string;
  step: string;
}

export interface ActReport {
  jobs: JobReport[];
  annotations: Annotation[];
  /** The steps' summaries in order, each ending in a line break. */
  summary: string;
  /** What act itself found wrong. A run may end with 0 in spite of one: act goes on with an empty text. */
  faults: string[];
  /** What the steps wrote, a line each, `job | text`. */
  log: string;
}

/** Folds the events of a run into a report. */
export function reportOf(events: readonly ActEvent[]): ActReport {
  const names = new Set(events.filter(showsThatAJobRuns).map(({ job }) => job));
  return {
    jobs: [...names].map((name) => jobOf(events.filter(({ job }) => job === name))),
    annotations: events.flatMap(annotationOf),
    summary: events.map(summaryOf).join(''),
    faults: events.flatMap((event) => (event.kind === 'fault' ? [event.text] : [])),
    log: events.flatMap(logLineOf).join('\n'),
  };
}

/** A job that only calls a workflow is announced by remarks and has no steps of its own. */
function showsThatAJobRuns({ job, kind }: ActEvent): boolean {
  return job !== '' && (kind === 'step-started' || kind === 'job-ended' || kind === 'fault');
}

function jobOf(events: readonly ActEvent[]): JobReport {
  const { job = '', jobId = '', matrix = {} } = events[0] ?? {};
  const outputs: JobReport['outputs'] = {};
  for (const event of events) {
    if (event.kind !== 'output') continue;
    outputs[event.stepId] = { ...outputs[event.stepId], [event.name]: event.value };
  }
  return {
    name: job,
    id: jobId,
    matrix,
    result: resultOf(events),
    steps: events.flatMap((event) => {
      if (event.kind !== 'step-ended' || event.stage !== 'Main') return [];
      return [{ id: event.stepId, name: event.step, result: event.result, seconds: event.seconds }];
    }),
    outputs,
  };
}

/** Act counts a failed job of a matrix against those that end after it: a job fails by its own doing only. */
function resultOf(events: readonly ActEvent[]): JobReport['result'] {
  const ended = events.find((event) => event.kind === 'job-ended');
  if (ended?.kind !== 'job-ended') return 'unfinished';
  const failed = events.some(
    (event) => event.kind === 'fault' || (event.kind === 'step-ended' && event.result === 'failure'),
  );
  return failed ? ended.result : 'success';
}

function annotationOf(event: ActEvent): Annotation[] {
  if (event.kind !== 'annotation') return [];
  const { title, file, line } = event.properties;
  return [
    {
      level: event.level,
      message: event.message,
      job: event.job,
      step: event.step,
      ...(title === undefined ? {} : { title }),
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line: Number(line) }),
    },
  ];
}

function summaryOf(event: ActEvent): string {
  if (event.kind !== 'summary') return '';
  return event.markdown.endsWith('\n') ? event.markdown : `${event.markdown}\n`;
}

function logLineOf(event: ActEvent): string[] {
  switch (event.kind) {
    case 'line':
    case 'fault':
      return [`${event.job} | ${event.text}`];
    case 'annotation':
      return [`${event.job} | ${event.level}: ${event.message}`];
    case 'group':
      return [`${event.job} | ${event.title}`];
    default:
      return [];
  }
}
