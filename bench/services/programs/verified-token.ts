/**
 * Verifies the access tokens of a hundred clients, in the WAY that is asked for: `remembered`, as every service does,
 * or `checked` by jose each time.
 */
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { systemClock } from '../../../services/lib/clock.ts';
import { createTokenVerifier, tokenAudience, tokenIssuer } from '../../../services/lib/tokens.ts';
import { serveRounds } from '../program.ts';

const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
const find = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'first', alg: 'ES256' }] });
const tokens = await Promise.all(
  Array.from({ length: 100 }, (_, index) =>
    new SignJWT({ org: 'public', role: 'customer', permissions: [] })
      .setProtectedHeader({ alg: 'ES256', kid: 'first' })
      .setIssuer(tokenIssuer)
      .setAudience(tokenAudience)
      .setSubject(`user-${index}`)
      .setJti(`token-${index}`)
      .setExpirationTime('1h')
      .sign(privateKey),
  ),
);

const verifier = createTokenVerifier({ keys: { find, assertKnown: () => undefined }, clock: systemClock });
const isRemembered = process.env.WAY === 'remembered';
const verify = isRemembered
  ? async (token: string) => (await verifier.verify(token)).id
  : async (token: string) => {
      const options = { algorithms: ['ES256'], issuer: tokenIssuer, audience: tokenAudience };
      return (await jwtVerify(token, find, options)).payload.sub;
    };

const count = isRemembered ? 100_000 : 2_000;
await serveRounds(async () => {
  for (let done = 0; done < count; done += 1) {
    const index = done % tokens.length;
    if ((await verify(tokens[index] ?? '')) !== `user-${index}`)
      throw new Error('A token was taken for another.');
  }
  return count;
});
