import { Agent, request } from 'node:http';

/** One right answer. */
export interface LoadAnswer {
  /** The how-manieth request it was, from 0. */
  index: number;
  version: string;
}

const BODY = Buffer.alloc(8 * 1024, 'x');
const TICK_MS = 5;
/** After a stall no more than these are sent at once. */
const MOST_AT_ONCE = 20;

/**
 * Sends requests at a steady rate over keep-alive connections, whether earlier ones were answered or not: mostly
 * small ones, some with a body, some that take their time. Anything but the right answer is a failure.
 */
export class SteadyLoad {
  readonly answers: LoadAnswer[] = [];
  readonly failures: string[] = [];
  sent = 0;
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #underWay = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #waiting: { count: number; done: () => void }[] = [];

  constructor(url: string, perSecond = 200) {
    this.#url = url;
    const startedAt = performance.now();
    let owed = 0;
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond) - owed;
      owed += due;
      for (let n = 0; n < Math.min(due, MOST_AT_ONCE); n++) this.#send();
    }, TICK_MS);
  }

  /** Gives the answers to the next `count` requests from now on. */
  async next(count: number): Promise<LoadAnswer[]> {
    const from = this.sent;
    const isMeant = ({ index }: LoadAnswer) => index >= from && index < from + count;
    await new Promise<void>((done) => this.#waiting.push({ count: from + count, done }));
    await Promise.all([...this.#underWay]);
    return this.answers.filter(isMeant);
  }

  /** Sends no more, and returns when everything under way has come to its end. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    this.#agent.destroy();
  }

  #send(): void {
    const index = this.sent;
    this.sent += 1;
    const sent = this.#ask(index).finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
    for (const { done } of this.#waiting.filter(({ count }) => count <= this.sent)) done();
    this.#waiting = this.#waiting.filter(({ count }) => count > this.sent);
  }

  #ask(index: number): Promise<void> {
    const body = index % 20 === 7 ? BODY : undefined;
    const path = index % 50 === 11 ? '/slow' : '/';
    return new Promise((done) => {
      const fail = (what: string) => {
        this.failures.push(`request ${index} at ${new Date().toISOString()}: ${what}`);
        done();
      };
      const asked = request(`${this.#url}${path}`, { agent: this.#agent, method: body ? 'POST' : 'GET' });
      asked.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', (error) => fail(`cut answer: ${error.message}`));
        response.on('end', () => {
          if (response.statusCode !== 200) return fail(`${response.statusCode} ${text.slice(0, 80)}`);
          const { version, bytes } = JSON.parse(text) as { version: string; bytes: number };
          if (bytes !== (body?.length ?? 0)) return fail(`${bytes} bytes of the body arrived`);
          this.answers.push({ index, version });
          done();
        });
      });
      asked.on('error', (error) => fail(error.message));
      asked.end(body);
    });
  }
}

/** How many answers are of a version. */
export const countOf = (answers: readonly LoadAnswer[], version: string): number =>
  answers.filter((answer) => answer.version === version).length;
