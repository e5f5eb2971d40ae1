/**
 * Hashes passwords with Argon2id (19 MiB, two passes, one lane), twelve at a time, in the WAY that is asked for:
 * `ours`, `argon2` or `node`.
 */
import { argon2 as nodeArgon2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { hash as nativeHash } from 'argon2';
import { createPasswords } from '../../../services/identity/passwords.ts';
import { serveRounds } from '../program.ts';

const passes = 2;
const memory = 19_456;

type Hash = (password: string) => Promise<unknown>;

const ways: Readonly<Record<string, Hash>> = {
  ours: createPasswords(12).hash,
  argon2: (password) => nativeHash(password, { memoryCost: memory, timeCost: passes, parallelism: 1 }),
  node: (password) =>
    promisify(nodeArgon2)('argon2id', {
      message: password,
      nonce: randomBytes(16),
      parallelism: 1,
      tagLength: 32,
      memory,
      passes,
    }),
};

const hash = ways[process.env.WAY ?? ''];
if (hash === undefined) throw new Error(`WAY is ${process.env.WAY}; write ${Object.keys(ways).join(', ')}.`);
await serveRounds(async () => {
  for (let done = 0; done < 36; done += 12) {
    await Promise.all(Array.from({ length: 12 }, (_, index) => hash(`password ${index}`)));
  }
  return 36;
});
