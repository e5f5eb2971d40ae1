import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

/**
 * SHA-256, or with a key its HMAC, in the form in which an AWS client takes it: the setting `sha256`. Half of the processor
 * time of the client's own, which makes two `Hash` objects for a digest, and gives bytes to `createHmac`: Node 24 throws
 * and catches an exception to learn that those are no `KeyObject`. For what is in memory as a whole: it keeps what it is
 * given until the digest is asked for.
 */
export class Sha256 {
  readonly digestLength = 32;
  readonly #key: string | KeyObject | undefined;
  #chunks: Uint8Array[] = [];

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#key = key === undefined || typeof key === 'string' ? key : keyOf(key);
  }

  update(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  async digest(): Promise<Uint8Array> {
    const [first = new Uint8Array(), ...more] = this.#chunks;
    const whole = more.length === 0 ? first : Buffer.concat(this.#chunks);
    return this.#key === undefined
      ? hash('sha256', whole, 'buffer')
      : createHmac('sha256', this.#key).update(whole).digest();
  }

  reset(): void {
    this.#chunks = [];
  }
}

function keyOf(bytes: ArrayBuffer | ArrayBufferView): KeyObject {
  if (!ArrayBuffer.isView(bytes)) return createSecretKey(new Uint8Array(bytes));
  return createSecretKey(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
