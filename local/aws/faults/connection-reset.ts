/**
 * Ends a call without an answer. The gateway resets the connection for it; an in-process client is given it as
 * the error that Node gives for a reset connection, which SDKs take as one to retry.
 */
export class ConnectionReset extends Error {
  readonly code = 'ECONNRESET';

  constructor() {
    super('read ECONNRESET');
    this.name = 'ConnectionReset';
  }
}
