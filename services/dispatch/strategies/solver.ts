import { Worker } from 'node:worker_threads';
import { assign } from './assignment.ts';

/** Solves assignment problems beside the event loop. */
export interface Solver {
  /** As `assign`. Rejects when it takes longer than the limit; the next one finds a fresh thread. */
  solve(costs: readonly (readonly number[])[]): Promise<number[]>;
  close(): Promise<void>;
}

// `assign` needs nothing but itself, so its text is the whole program of the thread: the image has no other file.
const program = `
const { parentPort } = require('node:worker_threads');
const assign = ${assign.toString()};
parentPort.on('message', ({ id, costs }) => parentPort.postMessage({ id, columns: assign(costs) }));
`;

/** Makes a solver; its thread starts with the first problem and does not keep the process alive. */
export function createSolver(limitMs = 3_000): Solver {
  let worker: Worker | undefined;
  let last = 0;

  function open(): Worker {
    const opened = new Worker(program, { eval: true });
    opened.setMaxListeners(0);
    opened.unref();
    opened.once('exit', () => {
      if (worker === opened) worker = undefined;
    });
    return opened;
  }

  async function close(): Promise<void> {
    const closing = worker;
    worker = undefined;
    await closing?.terminate();
  }

  return {
    solve(costs) {
      worker ??= open();
      const mine = worker;
      last += 1;
      const id = last;
      return new Promise<number[]>((resolve, reject) => {
        const timer = setTimeout(() => {
          end(() => reject(new Error(`No assignment was found in ${limitMs} ms.`)));
          void close();
        }, limitMs);
        const onMessage = (answer: { id: number; columns: number[] }) => {
          if (answer.id === id) end(() => resolve(answer.columns));
        };
        const onError = (error: Error) => end(() => reject(error));
        const onExit = () => end(() => reject(new Error('The thread ended.')));
        function end(settle: () => void): void {
          clearTimeout(timer);
          mine.off('message', onMessage).off('error', onError).off('exit', onExit);
          settle();
        }
        mine.on('message', onMessage).on('error', onError).on('exit', onExit);
        mine.postMessage({ id, costs });
      });
    },
    close,
  };
}
