import type { Goal } from '../contest.ts';
import { startProgram } from '../program.ts';
import { worstLagMs } from '../programs/loop-lag.ts';

const remembered = 'remembered';
const checked = 'jose each time';

/** G11: access tokens verified. */
export const verifiedToken: Goal = {
  id: 'G11',
  title: 'access tokens verified, 100 clients',
  gates: [{ of: 'rate', ours: remembered, peer: checked, bar: 10 }],
  async open() {
    const play = (name: string, way: string) => startProgram(name, 'verified-token.ts', { WAY: way });
    return { contestants: [await play(remembered, 'remembered'), await play(checked, 'checked')] };
  },
};

const ours = '@node-rs/argon2';
const binding = 'argon2 (C)';
const builtIn = 'node:crypto';
const longestLagMs = 50;

/** G12: passwords hashed with Argon2id, 19 MiB and two passes. */
export const passwordHash: Goal = {
  id: 'G12',
  title: 'passwords hashed at equal parameters',
  gates: [
    { of: 'rate', ours, peer: binding, bar: 1.3 },
    { of: 'rate', ours, peer: builtIn, bar: 1.3 },
  ],
  async open() {
    const play = (name: string, way: string) => startProgram(name, 'password-hash.ts', { WAY: way });
    return {
      contestants: [await play(ours, 'ours'), await play(binding, 'argon2'), await play(builtIn, 'node')],
      async facts() {
        const lagMs = await worstLagMs();
        return [
          {
            name: 'lag of the event loop (p99) while twelve are hashed',
            value: `${lagMs.toFixed(1)} ms`,
            bar: `< ${longestLagMs} ms`,
            holds: lagMs < longestLagMs,
          },
        ];
      },
    };
  },
};
