import { get } from 'node:http';

/** Asks `/health` of the service on this machine; `false` when it answers anything but 200 within two seconds. */
export function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/health', timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy(new Error('no answer in two seconds')));
    request.on('error', () => resolve(false));
  });
}
