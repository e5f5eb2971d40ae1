/** Where in a run something happened. */
export interface ActPlace {
  /** The job as act names it, e.g. `deploy/Deploy/Build-2`. */
  job: string;
  /** Its id in the workflow file; the same for all jobs of a matrix. */
  jobId: string;
  /** Name of the step, empty for the job itself. */
  step: string;
  /** `id:` of the step, else its index from 0; those of composite actions joined by `/`. */
  stepId: string;
  matrix: Readonly<Record<string, unknown>>;
}

export type ActStage = 'Pre' | 'Main' | 'Post';

/** One line of act's JSON log, read. Secrets are masked as far as act masks them. */
export type ActEvent = ActPlace &
  (
    | { kind: 'step-started'; stage: ActStage }
    | { kind: 'step-ended'; stage: ActStage; result: 'success' | 'failure'; seconds: number }
    | { kind: 'job-ended'; result: 'success' | 'failure' }
    | {
        kind: 'annotation';
        level: 'error' | 'warning' | 'notice';
        message: string;
        properties: Readonly<Record<string, string>>;
      }
    | { kind: 'group'; title: string }
    | { kind: 'end-group' }
    | { kind: 'output'; name: string; value: string }
    | { kind: 'summary'; markdown: string }
    /** What the step wrote. */
    | { kind: 'line'; text: string }
    /** What act itself found wrong: an expression it cannot read, an action it cannot find. */
    | { kind: 'fault'; text: string }
    /** Anything else act says of its own work. */
    | { kind: 'remark'; text: string }
  );

type Fields = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};

/**
 * Reads one line of `act --json`; a line that is not JSON is a fault, as act prints those when it gives up.
 * Source: act 0.2.89, measured.
 */
export function parseActLine(line: string): ActEvent {
  const entry = tryParse(line);
  if (!entry) return { ...nowhere, kind: isJobFailure(line) ? 'remark' : 'fault', text: line };
  const place = placeOf(entry);
  const message = text(entry.msg);
  return {
    ...place,
    ...(eventOfResult(entry) ??
      eventOfCommand(entry) ??
      (entry.raw_output === true
        ? { kind: 'line', text: message.replace(/\r?\n$/, '') }
        : eventOfAct(entry, message))),
  };
}

/** Act's last words when a job has failed; the job's result says so already. */
const isJobFailure = (line: string) => /^Error: Job '.*' failed$/.test(line);

const nowhere: ActPlace = { job: '', jobId: '', step: '', stepId: '', matrix: {} };

type Told = ActEvent extends infer E ? (E extends ActPlace ? Omit<E, keyof ActPlace> : never) : never;

function tryParse(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const entry = fields(value);
    return typeof entry.msg === 'string' ? entry : undefined;
  } catch {
    return undefined;
  }
}

function placeOf(entry: Fields): ActPlace {
  const ids = Array.isArray(entry.stepID) ? entry.stepID : [];
  return {
    job: text(entry.job).trim(),
    jobId: text(entry.jobID),
    step: ids.length > 0 ? text(entry.step) : '',
    stepId: ids.map(String).join('/'),
    matrix: fields(entry.matrix),
  };
}

function eventOfResult(entry: Fields): Told | undefined {
  const resultOf = (value: unknown) => (value === 'success' ? 'success' : 'failure');
  if (entry.jobResult !== undefined) return { kind: 'job-ended', result: resultOf(entry.jobResult) };
  const stage = stageOf(entry);
  if (entry.stepResult === undefined || stage === undefined) return undefined;
  const nanoseconds = typeof entry.executionTime === 'number' ? entry.executionTime : 0;
  return { kind: 'step-ended', stage, result: resultOf(entry.stepResult), seconds: nanoseconds / 1e9 };
}

function stageOf({ stage }: Fields): ActStage | undefined {
  return stage === 'Pre' || stage === 'Main' || stage === 'Post' ? stage : undefined;
}

/**
 * Reads an annotation from the line act shows of it. Act itself divides such a line at its last `::` instead of
 * the first, so that `::error::no arn:aws:iam::1:role/x` is a command `error::no` to it.
 * Source: GitHub docs, "Workflow commands", escapes of `@actions/core`.
 */
function annotationOf(message: string): Told | undefined {
  const [, level, properties = '', words = ''] =
    /^\s*\S+\s+::(error|warning|notice)(?: (.*?))?::([\s\S]*?)\r?\n?$/.exec(message) ?? [];
  if (level !== 'error' && level !== 'warning' && level !== 'notice') return undefined;
  const pairs = properties.split(',').flatMap((pair) => {
    const [, key, value = ''] = /^\s*([^=]+)=([\s\S]*)$/.exec(pair) ?? [];
    return key ? [[key, unescapeText(value.replaceAll('%3A', ':').replaceAll('%2C', ','))] as const] : [];
  });
  return { kind: 'annotation', level, message: unescapeText(words), properties: Object.fromEntries(pairs) };
}

const unescapeText = (escaped: string): string =>
  escaped.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');

function eventOfCommand(entry: Fields): Told | undefined {
  if (entry.command !== undefined) {
    const annotation = annotationOf(text(entry.msg));
    if (annotation) return annotation;
  }
  const argument = text(entry.arg);
  switch (entry.command) {
    case 'group':
      return { kind: 'group', title: argument };
    case 'endgroup':
      return { kind: 'end-group' };
    case 'set-output':
      return { kind: 'output', name: text(entry.name), value: argument };
    case 'summary':
      // `content` is not masked, the message is.
      return { kind: 'summary', markdown: text(entry.msg).replace(/^\s*\S+\s+Summary - /, '') };
    default:
      return undefined;
  }
}

function eventOfAct(entry: Fields, message: string): Told {
  const stage = stageOf(entry);
  if (stage && message.startsWith('⭐ Run ')) return { kind: 'step-started', stage };
  const isFault = entry.level === 'error' || entry.level === 'fatal';
  // The exit status of a step that failed: its result says so already.
  if (isFault && !/^exit status \d+$/.test(message)) return { kind: 'fault', text: message };
  return { kind: 'remark', text: message.replace(/\r?\n$/, '') };
}
