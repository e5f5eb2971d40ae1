/** Somebody who travels, with the access token of their log-in. */
export interface Person {
  readonly id: string;
  readonly token: string;
  /** Each account is opened in a street of its own, so that the driver of a journey is the nearest to its order. */
  readonly lat: number;
}

/**
 * Everybody who has travelled on one ground: a driver who has delivered is free again, and may be given the order of
 * another journey.
 */
export class People {
  readonly #byId = new Map<string, Person>();
  #opened = 0;

  /** A number for a new account, that no other here has. */
  nextNumber(): number {
    this.#opened += 1;
    return this.#opened;
  }

  /** Remembers who has logged in; `number` is that of their account. */
  add(id: string, token: string, number: number): Person {
    const person = { id, token, lat: 40 + (number % 200) * 0.1 };
    this.#byId.set(id, person);
    return person;
  }

  tryFind(id: string): Person | undefined {
    return this.#byId.get(id);
  }
}
