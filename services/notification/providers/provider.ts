import type { Rendered } from '../render.ts';

/** One message to one address. */
export interface Message extends Rendered {
  /** The notification's id: the same at every try. */
  readonly id: string;
  /** In the form of the channel: an e-mail address, a phone number, a device's token, an organisation. */
  readonly to: string;
}

/** What became of a message. A reason names no address and repeats nothing of the message. */
export type Outcome =
  | { readonly kind: 'sent' }
  /** The message or its address is at fault: trying again cannot help. `isGone`: the address is not there any more. */
  | { readonly kind: 'refused'; readonly reason: string; readonly isGone?: boolean }
  /** The provider cannot now; `afterMs` where it says when it can. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs?: number };

/** What brings messages to people. Never rejects: whatever goes wrong is an outcome. */
export interface Provider {
  readonly name: string;
  send(message: Message, signal: AbortSignal): Promise<Outcome>;
}

/** Thrown inside a provider when it is away, too slow, or answers what it never should: what its breaker counts. */
export class ProviderAwayError extends Error {
  override readonly name = 'ProviderAwayError';
}

/** The service's own key was refused: perhaps it has been rotated, so it is read again before the next try. */
export class KeyRefusedError extends Error {
  override readonly name = 'KeyRefusedError';
}
