/** A WebSocket over which a word goes to and fro without a pause, until somebody closes it. */
export class EchoSocket {
  version = '';
  /** ARN of the task at the other end. */
  task = '';
  echoes = 0;
  isOpen = true;
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #first = Promise.withResolvers<void>();

  private constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.closed = new Promise((done) => {
      this.#socket.addEventListener('close', () => {
        this.isOpen = false;
        this.#first.reject(new Error(`the WebSocket to ${url} closed before its first echo`));
        done();
      });
    });
    this.#socket.addEventListener('open', () => this.#socket.send('0'));
    this.#socket.addEventListener('message', ({ data }) => {
      const { version, task, said } = JSON.parse(String(data)) as Record<string, string>;
      if (said !== String(this.echoes)) return this.#first.reject(new Error(`${said} came back`));
      this.version = version ?? '';
      this.task = task ?? '';
      this.echoes += 1;
      this.#first.resolve();
      setTimeout(() => this.isOpen && this.#socket.send(String(this.echoes)), 20);
    });
  }

  /** Gives a socket that has had its first echo. */
  static async open(httpUrl: string): Promise<EchoSocket> {
    const socket = new EchoSocket(httpUrl.replace(/^http/, 'ws'));
    await socket.#first.promise;
    return socket;
  }

  /** Closes it from this side. */
  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}
