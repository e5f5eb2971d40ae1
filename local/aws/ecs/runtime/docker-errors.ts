/** At which step the engine refused. */
export type DockerStep = 'pull' | 'create' | 'start';

/** Text that a rule's pattern was found in, and the image it is about. */
interface Refusal {
  image: string;
  text: string;
}

/** How every message begins that says that no engine answers. */
export const NO_ENGINE = 'Cannot connect to the Docker daemon';

type Rule = [pattern: RegExp, reason: (refusal: Refusal) => string];

const unresolved = (image: string) =>
  `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}`;

/** Engine wordings of Docker 20.10 to 28; AWS wordings as Fargate 1.4.0 shows them in `stoppedReason`. */
const pullRules: readonly Rule[] = [
  [
    /no matching manifest for (\S+)/,
    ({ text }) =>
      `CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching platform '${platformIn(text)}'`,
  ],
  [
    /does not match the (?:specified|detected) (?:host )?platform/,
    ({ text }) =>
      `CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching platform '${platformIn(text)}'`,
  ],
  [
    /no basic auth credentials|unauthorized|authentication required|denied|forbidden|\b40[13]\b/i,
    ({ image }) =>
      `${unresolved(image)}: pulling from host ${hostOf(image)} failed with status code [manifests ${versionOf(image)}]: 403 Forbidden`,
  ],
  [
    /toomanyrequests|\b429\b/i,
    ({ image, text }) =>
      `${unresolved(image)}: httpReadSeeker: failed open: unexpected status code 429 Too Many Requests: ${text}`,
  ],
  [
    /manifest unknown|not found|does not exist|no such (?:image|manifest)|name unknown/i,
    ({ image }) => `${unresolved(image)}: ${image}: not found`,
  ],
  [
    /connection refused|no such host|i\/o timeout|TLS handshake|EOF|context deadline|network is unreachable/i,
    ({ image, text }) => `${unresolved(image)}: failed to do request: ${text}`,
  ],
  [/no space left on device/i, ({ text }) => `CannotPullContainerError: ${text}`],
];

/**
 * Says in AWS's words why a container could not be pulled, created or started.
 * `text` is the engine's message; a message without a rule keeps its own words after AWS's prefix.
 * Source: stopped-task error messages of the ECS developer guide and of Fargate tasks (read 2026-11).
 */
export function startFailureReason(step: DockerStep, image: string, text: string): string {
  const refusal: Refusal = { image, text: plain(text) };
  if (refusal.text.startsWith(NO_ENGINE)) return `${prefixOf(step)}: ${refusal.text}`;
  const rule = step === 'pull' ? pullRules.find(([pattern]) => pattern.test(refusal.text)) : undefined;
  return rule ? rule[1](refusal) : `${prefixOf(step)}: Error response from daemon: ${refusal.text}`;
}

function prefixOf(step: DockerStep): string {
  const prefixes = {
    pull: 'CannotPullContainerError',
    create: 'CannotCreateContainerError',
    start: 'CannotStartContainerError',
  };
  return prefixes[step];
}

/** Takes off what the client library and the engine put around a message. */
function plain(text: string): string {
  return text
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .replace(/^Error response from daemon: /, '')
    .trim();
}

function platformIn(text: string): string {
  return /\b(linux|windows)\/[a-z0-9]+/.exec(text.replace(/.*does not match/, ''))?.[0] ?? 'linux/amd64';
}

function hostOf(image: string): string {
  const first = image.split('/')[0] ?? '';
  return image.includes('/') && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
}

function versionOf(image: string): string {
  if (image.includes('@')) return image.slice(image.indexOf('@') + 1);
  return /:([^/:]+)$/.exec(image)?.[1] ?? 'latest';
}
