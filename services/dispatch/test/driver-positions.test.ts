import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createMemoryBus } from '../../lib/memory-bus.ts';
import { createEventMaker } from '../../lib/outbox.ts';
import { createManualClock } from '../../test/doubles/manual-clock.ts';
import { createDriverPositions } from '../driver-positions.ts';

const id = '01890000-0000-7000-8000-000000000001';

function setUp() {
  const clock = createManualClock();
  const bus = createMemoryBus({ clock, log: pino({ level: 'silent' }), registry: new Registry() });
  const positions = createDriverPositions(clock);
  const stop = positions.listen(bus);
  const event = createEventMaker({ clock, random: Math.random });
  const tell = (lat: number, at = clock.now(), facts: object = {}) =>
    bus.publish(
      event({
        subject: 'driver.location_updated.v1',
        org: 'public',
        actor: id,
        data: { id, lat, lon: 13.4, at: new Date(at).toISOString(), ...facts },
      }),
      id,
    );
  return { clock, bus, positions, stop, tell };
}

test('hears of positions, the newest of which counts, until it is stopped', async () => {
  const { clock, positions, stop, tell } = setUp();
  await tell(52.5);
  await tell(52.4, clock.now() - 1_000);
  expect(positions.find(id)).toMatchObject({ lat: 52.5, lon: 13.4 });
  stop();
  await clock.advance(1_000);
  await tell(52.6);
  expect(positions.find(id)).toMatchObject({ lat: 52.5 });
});

test('forgets a position after two minutes', async () => {
  const { clock, positions, tell } = setUp();
  await tell(52.5);
  await clock.advance(120_001);
  expect(positions.find(id)).toBeUndefined();
  expect(positions.grid.size).toBe(1);
  positions.forgetOld();
  expect(positions.grid.size).toBe(0);
});

test('leaves out what is no position', async () => {
  const { bus, positions, tell } = setUp();
  await tell(91);
  await tell(52.5, undefined, { id: 'nobody' });
  bus.publishLive(`driver.location_updated.v1.${id}`, 'no JSON');
  expect(positions.grid.size).toBe(0);
});
