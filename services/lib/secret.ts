import type { SecretsManager, SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';

/** A secret that may be rotated at any time. */
export interface SecretSource {
  /** The current text: at most `freshMs` old, or the last good one while Secrets Manager does not answer. */
  read(): Promise<string>;
  /** Asks again before the next `read`: for a value that was just refused by whom it is for. */
  forget(): void;
}

/** How long a secret is used without asking again, in milliseconds. */
const freshMs = 60_000;

/** A secret that is given and never changes: in tests and on a developer's machine. */
export function fixedSecret(text: string): SecretSource {
  return { read: async () => text, forget: () => undefined };
}

/**
 * Reads a secret of Secrets Manager by name or ARN. `read` rejects only while there has never been a value. The client
 * is loaded by the first `read`.
 */
export function secretsManagerSecret(deps: {
  options: SecretsManagerClientConfig;
  id: string;
  clock: Clock;
  log: Logger;
}): SecretSource {
  const { options, id, clock, log } = deps;
  let client: SecretsManager | undefined;
  let known: { text: string; readAt: number } | undefined;
  let reading: Promise<string> | undefined;

  async function fetchText(): Promise<string> {
    client ??= await openClient(options);
    const { SecretString } = await client.getSecretValue({ SecretId: id });
    if (!SecretString) throw new Error(`The secret ${id} holds no text.`);
    known = { text: SecretString, readAt: clock.now() };
    return SecretString;
  }

  return {
    async read() {
      if (known !== undefined && clock.now() - known.readAt < freshMs) return known.text;
      reading ??= fetchText().finally(() => {
        reading = undefined;
      });
      try {
        return await reading;
      } catch (error) {
        if (known === undefined) throw error;
        log.error({ err: error, secret: id }, 'secret not read; the last good one stays');
        return known.text;
      }
    },
    forget() {
      if (known !== undefined) known.readAt = Number.NEGATIVE_INFINITY;
    },
  };
}

async function openClient(options: SecretsManagerClientConfig): Promise<SecretsManager> {
  const { SecretsManager } = await import('@aws-sdk/client-secrets-manager');
  return new SecretsManager(options);
}
