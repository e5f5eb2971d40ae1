import { taskGatewayUrl } from './docker-pause.ts';
import { containerMetadata, type MetadataView, taskMetadata } from './docker-task-metadata.ts';
import type { TaskLaunch } from './task-runtime.ts';

/** Credentials of a role, as the container credentials endpoint hands them out. */
export interface RoleCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: Date;
}

/** One task as its endpoints see it. */
export interface TaskEndpointSource {
  launch: TaskLaunch;
  /** What is known of the task's containers now. */
  view(): MetadataView;
}

/** Gives fresh credentials of a role for a task. */
export type CredentialsFor = (roleArn: string, launch: TaskLaunch) => Promise<RoleCredentials>;

export interface EndpointAnswer {
  status: number;
  body: string;
}

interface Door {
  source: TaskEndpointSource;
  container: string;
  authorization: string;
}

/**
 * Serves what a task's containers ask at ECS's credentials and metadata addresses.
 * Each container has an id and an authorization token of its own; neither can be guessed.
 */
export class TaskEndpoints {
  readonly #doors = new Map<string, Door>();
  readonly #credentialsFor: CredentialsFor;
  readonly #newToken: () => string;

  constructor(credentialsFor: CredentialsFor, newToken: () => string) {
    this.#credentialsFor = credentialsFor;
    this.#newToken = newToken;
  }

  /** Opens the endpoints for one container and gives the environment that leads to them. */
  open(source: TaskEndpointSource, container: string): Record<string, string> {
    const id = this.#newToken();
    const authorization = this.#newToken();
    this.#doors.set(id, { source, container, authorization });
    const { region } = source.launch;
    const credentials = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${taskGatewayUrl}/_berth/credentials/${id}`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: authorization,
    };
    return {
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: taskGatewayUrl,
      AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
      ECS_CONTAINER_METADATA_URI_V4: `${taskGatewayUrl}/_berth/metadata/${id}`,
      ...(roleOf(source.launch) === undefined ? {} : credentials),
    };
  }

  /** Closes all endpoints of a task. */
  close(launch: TaskLaunch): void {
    for (const [id, door] of this.#doors) if (door.source.launch === launch) this.#doors.delete(id);
  }

  /**
   * Answers `/_berth/credentials/<id>` and `/_berth/metadata/<id>[/task]`; 404 for anything else. The
   * credentials need the request's Authorization header; 401 with another one or none.
   */
  async answer(path: string, authorization: string | undefined): Promise<EndpointAnswer> {
    const [, kind, id, rest] = /^\/_berth\/(credentials|metadata)\/([^/?]+)(\/[^?]*)?/.exec(path) ?? [];
    const door = this.#doors.get(id ?? '');
    if (door === undefined) return refusal(404, 'NotFound', `No task answers at ${path}.`);
    if (kind === 'credentials') return this.#credentials(door, authorization);
    if (rest === undefined || rest === '/')
      return json(containerMetadata(door.source.view(), door.container));
    if (rest === '/task') return json(taskMetadata(door.source.view()));
    return refusal(404, 'NotFound', `The local AWS has no ${rest} in a task's metadata: only / and /task.`);
  }

  async #credentials(door: Door, authorization: string | undefined): Promise<EndpointAnswer> {
    if (authorization !== door.authorization) {
      return refusal(
        401,
        'Unauthorized',
        'The Authorization header is not AWS_CONTAINER_AUTHORIZATION_TOKEN.',
      );
    }
    const role = roleOf(door.source.launch);
    if (role === undefined) return refusal(404, 'NotFound', 'The task definition has no taskRoleArn.');
    const issued = await this.#credentialsFor(role, door.source.launch);
    return json({
      RoleArn: role,
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      Token: issued.sessionToken,
      Expiration: issued.expiration.toISOString().replace(/\.\d+Z$/, 'Z'),
    });
  }
}

function roleOf(launch: TaskLaunch): string | undefined {
  return launch.overrides?.taskRoleArn ?? launch.taskDefinition.taskRoleArn;
}

function json(value: unknown): EndpointAnswer {
  return { status: 200, body: JSON.stringify(value) };
}

function refusal(status: number, code: string, message: string): EndpointAnswer {
  return { status, body: JSON.stringify({ code, message, HTTPErrorCode: status }) };
}
