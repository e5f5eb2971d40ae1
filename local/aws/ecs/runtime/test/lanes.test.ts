import { describe, expect, test } from '@jest/globals';
import { Lanes } from '../lanes.ts';

/** Work that is told when it may end, and what has begun and ended so far. */
function works() {
  const told: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => async () => {
    told.push(`begin ${name}`);
    await new Promise<void>((done) => ends.set(name, done));
    told.push(`end ${name}`);
    return name;
  };
  return { told, work, end: (name: string) => ends.get(name)?.() };
}

describe('two lanes', () => {
  test('are never more than two at once, the others in their order', async () => {
    const { told, work, end } = works();
    const lanes = new Lanes(2);
    const all = ['a', 'b', 'c', 'd'].map((name) => lanes.run(work(name)));
    await Promise.resolve();
    expect(told).toEqual(['begin a', 'begin b']);
    end('b');
    await all[1];
    await new Promise(setImmediate);
    expect(told).toEqual(['begin a', 'begin b', 'end b', 'begin c']);
    for (const name of ['a', 'c']) end(name);
    await new Promise(setImmediate);
    end('d');
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('never are more than two, even when work comes as a lane gets free', async () => {
    const lanes = new Lanes(2);
    let busy = 0;
    let most = 0;
    const work = async () => {
      busy += 1;
      most = Math.max(most, busy);
      await new Promise(setImmediate);
      busy -= 1;
    };
    const first = [1, 2, 3].map(() => lanes.run(work));
    const later = first.map((one) => one.then(() => Promise.all([lanes.run(work), lanes.run(work)])));
    await Promise.all(later);
    expect([most, busy]).toEqual([2, 0]);
  });

  test('are free again after work that fails', async () => {
    const lanes = new Lanes(1);
    await expect(lanes.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await lanes.run(async () => 'next')).toBe('next');
  });

  test('let go what is called off while it waits, and that only', async () => {
    const { told, work, end } = works();
    const lanes = new Lanes(1);
    const off = new AbortController();
    const first = lanes.run(work('a'));
    const second = lanes.run(work('b'), off.signal);
    const third = lanes.run(work('c'));
    off.abort(new Error('called off'));
    await expect(second).rejects.toThrow('called off');
    end('a');
    await first;
    await new Promise(setImmediate);
    end('c');
    expect(await third).toBe('c');
    expect(told).toEqual(['begin a', 'end a', 'begin c', 'end c']);
  });
});
