import { expect, test } from '@jest/globals';
import { type DockerStep, startFailureReason } from '../docker-errors.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const image = `127.0.0.1:4566/shop/api@${digest}`;
const retried = `CannotPullContainerError: pull image manifest has been retried 1 time(s): `;

const rows: [step: DockerStep, engine: string, reason: string][] = [
  [
    'pull',
    `manifest for ${image} not found: manifest unknown: Requested image not found`,
    `${retried}failed to resolve ref ${image}: ${image}: not found`,
  ],
  [
    'pull',
    'repository shop/api not found: name unknown: The repository does not exist',
    `${retried}failed to resolve ref ${image}: ${image}: not found`,
  ],
  [
    'pull',
    'Head "http://127.0.0.1:4566/v2/shop/api/manifests/x": no basic auth credentials',
    `${retried}failed to resolve ref ${image}: pulling from host 127.0.0.1:4566 failed with status code [manifests ${digest}]: 403 Forbidden`,
  ],
  [
    'pull',
    "pull access denied for shop/api, repository does not exist or may require 'docker login'",
    `${retried}failed to resolve ref ${image}: pulling from host 127.0.0.1:4566 failed with status code [manifests ${digest}]: 403 Forbidden`,
  ],
  [
    'pull',
    'no matching manifest for linux/amd64 in the manifest list entries',
    `${retried}image Manifest does not contain descriptor matching platform 'linux/amd64'`,
  ],
  [
    'pull',
    'image with reference x was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)',
    `${retried}image Manifest does not contain descriptor matching platform 'linux/arm64'`,
  ],
  [
    'pull',
    'dial tcp 127.0.0.1:9: connect: connection refused',
    `${retried}failed to resolve ref ${image}: failed to do request: dial tcp 127.0.0.1:9: connect: connection refused`,
  ],
  [
    'pull',
    'write /var/x: no space left on device',
    'CannotPullContainerError: write /var/x: no space left on device',
  ],
  [
    'pull',
    'Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?',
    'CannotPullContainerError: Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?',
  ],
  ['pull', 'something new', 'CannotPullContainerError: Error response from daemon: something new'],
  [
    'create',
    'Error response from daemon: invalid mount',
    'CannotCreateContainerError: Error response from daemon: invalid mount',
  ],
  [
    'start',
    '(HTTP code 400) unexpected - OCI runtime create failed: exec format error',
    'CannotStartContainerError: Error response from daemon: OCI runtime create failed: exec format error',
  ],
];

test.each(rows)('%s: %s', (step, engine, reason) => {
  expect(startFailureReason(step, image, engine)).toBe(reason);
});
