import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createDriverGrid } from '../driver-grid.ts';
import type { FreeDriver, WaitingOrder } from '../matching.ts';
import { createOsrmEstimator, straightSeconds } from '../route-estimator.ts';
import { createSolver } from '../strategies/solver.ts';
import { createStrategies } from '../strategies/strategies.ts';

const log = pino({ level: 'silent' });
let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

async function startOsrm(answer: RequestListener): Promise<string> {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

const here = { lat: 52.5, lon: 13.4 };
const near = { lat: 52.501, lon: 13.4 };
const far = { lat: 52.52, lon: 13.4 };

test('asks the table service for the way from each driver to the pickup', async () => {
  const asked: (string | undefined)[] = [];
  const url = await startOsrm((request, response) => {
    asked.push(request.url);
    response.end(JSON.stringify({ code: 'Ok', durations: [[300.5], [null]] }));
  });
  const estimator = createOsrmEstimator({ url, log });
  expect(await estimator.estimate([near, far], here)).toEqual([300.5, Number.POSITIVE_INFINITY]);
  expect(asked).toEqual(['/table/v1/driving/13.4,52.501;13.4,52.52;13.4,52.5?sources=0;1&destinations=2']);
});

test.each<[string, RequestListener]>([
  ['refuses', (_request, response) => response.writeHead(400).end('{"code":"InvalidQuery"}')],
  ['answers something else', (_request, response) => response.end('<html>')],
  ['answers for another number', (_request, response) => response.end('{"code":"Ok","durations":[[1]]}')],
  ['hangs up', (request) => request.socket.destroy()],
  ['does not answer in time', () => undefined],
])('takes the straight line when OSRM %s', async (_what, answer) => {
  const estimator = createOsrmEstimator({ url: await startOsrm(answer), log });
  expect(await estimator.estimate([near, far], here)).toEqual(straightSeconds([near, far], here));
});

test('no longer asks after five failures in a row', async () => {
  let count = 0;
  const url = await startOsrm((_request, response) => {
    count += 1;
    response.writeHead(500).end('{}');
  });
  const estimator = createOsrmEstimator({ url, log });
  for (let call = 0; call < 8; call += 1) await estimator.estimate([near], here);
  expect(count).toBe(5);
});

const order = (id: string, priority = 0): WaitingOrder => ({
  id,
  pickup: here,
  priority,
  since: 0,
  demand: {},
  notFor: new Set(),
});
const driver = (id: string, position: FreeDriver['position']): FreeDriver => ({ id, position, skills: [] });

test.each(['nearest', 'batch-greedy', 'optimal'])(
  '%s lets road times decide where there is a river in between',
  async (name) => {
    const roads = {
      estimate: async (from: readonly object[]) => from.map((place) => (place === near ? 900 : 60)),
    };
    const solver = createSolver();
    const strategies = createStrategies({ grid: createDriverGrid(), solver, roads, log });
    const drivers = [driver('across', near), driver('same-side', far)];
    const strategy = strategies.find((one) => one.name === name);
    expect(await strategy?.match([order('one')], drivers)).toEqual([
      { orderId: 'one', driverId: 'same-side', cost: 60 },
    ]);
    const both = await strategy?.match([order('later'), order('urgent', 9)], drivers);
    expect(both?.toSorted((one, other) => one.cost - other.cost)[0]?.driverId).toBe('same-side');
    expect(both).toHaveLength(2);
    await solver.close();
  },
);

test('optimal falls back to greedy when its thread does not answer', async () => {
  const solver = { solve: () => Promise.reject(new Error('slow')), close: async () => undefined };
  const strategies = createStrategies({ grid: createDriverGrid(), solver, roads: undefined, log });
  const matches = await strategies
    .find(({ name }) => name === 'optimal')
    ?.match([order('one')], [driver('far', far), driver('near', near)]);
  expect(matches).toMatchObject([{ orderId: 'one', driverId: 'near' }]);
});

test('nearest asks the live grid, in which drivers who are busy stand too', async () => {
  const grid = createDriverGrid();
  grid.put('busy', here);
  grid.put('free', far);
  const strategies = createStrategies({ grid, solver: createSolver(), roads: undefined, log });
  const nearest = strategies.find(({ name }) => name === 'nearest');
  expect(await nearest?.match([order('one'), order('two')], [driver('free', far)])).toMatchObject([
    { orderId: 'one', driverId: 'free' },
  ]);
});
