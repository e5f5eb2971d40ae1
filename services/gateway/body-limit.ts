import { type Readable, Transform } from 'node:stream';
import { bodyLimitBytes } from '../lib/app.ts';
import { Problem } from '../lib/problem.ts';

/** The problem of a body above the limit. */
export function tooLarge(): Problem {
  return new Problem('BODY_TOO_LARGE', `A body may have at most ${bodyLimitBytes} bytes.`);
}

/** Passes a body on and breaks it off with BODY_TOO_LARGE above the limit: one sent in chunks does not say its size. */
export function limitBody(body: Readable): Readable {
  let bytes = 0;
  const limited = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bodyLimitBytes) done(tooLarge());
      else done(null, chunk);
    },
  });
  body.once('error', (error) => limited.destroy(error));
  body.once('close', () => {
    if (!body.readableEnded) limited.destroy(new Error('The client stopped sending.'));
  });
  return body.pipe(limited);
}
