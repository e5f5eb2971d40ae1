import { setTimeout as sleep } from 'node:timers/promises';

/** What one probe request came to. */
export type ProbeOutcome = 'right' | 'wrong' | 'failed';

/** Counts of a probe so far. `failed`: connection error, time-out or 5xx. `wrong`: an answer, but not the right one. */
export interface ProbeCounts {
  sent: number;
  right: number;
  wrong: number;
  failed: number;
  /** The first few failures and wrong answers, with their time, for the reader of a red run. */
  notes: string[];
}

const TIMEOUT_MS = 10_000;
const MAX_NOTES = 8;

/** Judges one answer: status and body of the request, or the error that came instead of one. */
function judgeAnswer(
  answer: { status: number; body: string } | Error,
  isRight: (status: number, body: string) => boolean,
): ProbeOutcome {
  if (answer instanceof Error || answer.status >= 500) return 'failed';
  return isRight(answer.status, answer.body) ? 'right' : 'wrong';
}

/**
 * Sends one request every `intervalMs` through the load balancer, each on its own connection, until stopped.
 * Open loop: a slow answer does not hold back the next request.
 */
export function startProbe(
  request: () => { url: string; init: RequestInit },
  isRight: (status: number, body: string) => boolean,
  intervalMs: number,
): { counts: ProbeCounts; stop(): Promise<ProbeCounts> } {
  const counts: ProbeCounts = { sent: 0, right: 0, wrong: 0, failed: 0, notes: [] };
  const inFlight = new Set<Promise<void>>();
  let running = true;
  const send = async (): Promise<void> => {
    counts.sent += 1;
    const answer = await ask(request());
    const outcome = judgeAnswer(answer, isRight);
    counts[outcome] += 1;
    if (outcome !== 'right' && counts.notes.length < MAX_NOTES)
      counts.notes.push(describeAnswer(outcome, answer));
  };
  const loop = (async () => {
    while (running) {
      const sent = send().finally(() => inFlight.delete(sent));
      inFlight.add(sent);
      await sleep(intervalMs);
    }
  })();
  return {
    counts,
    async stop() {
      running = false;
      await loop;
      await Promise.all(inFlight);
      return counts;
    },
  };
}

async function ask({
  url,
  init,
}: {
  url: string;
  init: RequestInit;
}): Promise<{ status: number; body: string } | Error> {
  try {
    const headers = { ...init.headers, connection: 'close' };
    const response = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function describeAnswer(outcome: ProbeOutcome, answer: { status: number; body: string } | Error): string {
  const text =
    answer instanceof Error
      ? `${answer.message}${answer.cause instanceof Error ? ` (${answer.cause.message})` : ''}`
      : `${answer.status} ${answer.body.slice(0, 80)}`;
  return `${outcome} at ${new Date().toISOString().slice(11, 23)}: ${text}`;
}
