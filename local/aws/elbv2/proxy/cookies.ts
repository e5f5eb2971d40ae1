import { createHmac, timingSafeEqual } from 'node:crypto';
import { headerValues, type RawHeaders } from './headers.ts';

/** The value of a cookie that a request carries; the first where it carries several of the name. */
export function cookieValue(headers: RawHeaders, name: string): string | undefined {
  for (const line of headerValues(headers, 'cookie')) {
    for (const pair of line.split(';')) {
      const at = pair.indexOf('=');
      if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
    }
  }
  return undefined;
}

/** Whether an answer sets a cookie of that name. */
export function setsCookie(answer: RawHeaders, name: string): boolean {
  return headerValues(answer, 'set-cookie').some((line) => line.startsWith(`${name}=`));
}

/**
 * Makes and reads the load balancer's own cookies. A value says until when it holds and carries a seal over
 * what it sticks to, so that neither can be made up; what it sticks to cannot be read from it.
 */
export class CookieSeal {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** `expiresAt` in epoch milliseconds. */
  seal(subject: string, expiresAt: number): string {
    const until = Math.floor(expiresAt / 1000).toString(36);
    return `${until}.${this.#sign(subject, until)}`;
  }

  isFor(value: string | undefined, subject: string, now: number): boolean {
    const [, until = '', seal = ''] = /^([0-9a-z]+)\.([\w-]+)$/.exec(value ?? '') ?? [];
    const expected = this.#sign(subject, until);
    if (seal.length !== expected.length || !timingSafeEqual(Buffer.from(seal), Buffer.from(expected)))
      return false;
    return Number.parseInt(until, 36) * 1000 > now;
  }

  #sign(subject: string, until: string): string {
    return createHmac('sha256', this.#secret).update(`${until} ${subject}`).digest('base64url');
  }
}

/** A cookie as AWS sets it, twice: as it is, and for requests of other origins. */
export function cookiePair(
  name: string,
  value: string,
  { expiresAt, isSecure }: { expiresAt: number; isSecure: boolean },
): string[] {
  const rest = `${value}; Expires=${new Date(expiresAt).toUTCString()}; Path=/`;
  return [`${name}=${rest}`, `${name}CORS=${rest}; SameSite=None${isSecure ? '; Secure' : ''}`];
}
