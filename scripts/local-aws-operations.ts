import * as scaling from '@aws-sdk/client-application-auto-scaling';
import * as ecr from '@aws-sdk/client-ecr';
import * as ecs from '@aws-sdk/client-ecs';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as iamClient from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { createEcr } from '../local/aws/ecr/ecr.ts';
import { createVirtualEcs } from '../local/aws/ecs/virtual-ecs.ts';
import { createElbv2 } from '../local/aws/elbv2/elbv2.ts';
import { createSimulator } from '../local/aws/iam/simulate.ts';
import { createCredentialStore } from '../local/aws/sts/credentials.ts';
import { createSts } from '../local/aws/sts/sts.ts';
import { operationsOf } from '../local/aws/wire/operations.ts';

/** A service of the local AWS: what it does, and what AWS has beside it. Both in alphabetical order. */
export type ServiceOperations = { title: string; claimed: string[]; refused: string[]; rest?: 'back end' };

/** Services of which the back end does what is not ours. */
const BACKED: ReadonlySet<string> = new Set(['AWS IAM']);

/** Our own services: title, the SDK's client package, and the handlers there are. Nothing is started. */
export function ownServices(): [title: string, client: object, handlers: object][] {
  const { ecs: scheduler, autoScaling } = createVirtualEcs();
  const now = () => 0;
  const randomBytes = (size: number) => new Uint8Array(size);
  const registry = createEcr({ now, randomBytes, registryHost: '127.0.0.1:1', folder: 'unused' });
  const balancers = createElbv2({ clock: { now }, timeScale: 1, resolveTarget: () => undefined, log() {} });
  const credentials = createCredentialStore({ now, randomBytes, defaultAccountId: '123456789012' });
  const iam = { readRole: async () => undefined, readProviderClientIds: async () => undefined };
  const simulator = createSimulator({ iam, policies: { read: async () => ({ identity: [], tags: {} }) } });
  const security = createSts({ credentials, iam, issuers: {} });
  return [
    ['Amazon ECS', ecs, scheduler.handlers],
    ['Amazon ECR', ecr, registry.handlers],
    ['Elastic Load Balancing v2', elb, balancers.handlers],
    ['AWS STS', sts, security.handlers],
    ['AWS IAM', iamClient, simulator.handlers],
    ['Application Auto Scaling', scaling, autoScaling.handlers],
  ];
}

/** Reads which operations there are from the services' own handlers, and which AWS has from the SDK's clients. */
export function listOperations(): ServiceOperations[] {
  return ownServices().map(([title, client, handlers]) => {
    const all = [...operationsOf(client).keys()].sort();
    const isClaimed = (name: string) => Object.hasOwn(handlers, name);
    if (BACKED.has(title)) return { title, claimed: all.filter(isClaimed), refused: [], rest: 'back end' };
    return { title, claimed: all.filter(isClaimed), refused: all.filter((name) => !isClaimed(name)) };
  });
}

const BEGIN = '<!-- operations: written by scripts/docs.ts -->';
const END = '<!-- /operations -->';

/** Puts the operations of every service between the markers of a document. Throws where it has none. */
export function withOperations(
  text: string,
  services: readonly ServiceOperations[] = listOperations(),
): string {
  const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`The document needs the markers ${BEGIN} and ${END}.`);
  const sections = services.map(renderService).join('\n');
  return `${text.slice(0, before)}${BEGIN}\n\n${sections}\n${text.slice(after)}`;
}

function renderService({ title, claimed, refused, rest }: ServiceOperations): string {
  if (rest)
    return [
      `## ${title}: ${claimed.length}`,
      '',
      wrap(claimed),
      '',
      `All else of it is the ${rest}'s.`,
      '',
    ].join('\n');
  const total = claimed.length + refused.length;
  return [
    `## ${title}: ${claimed.length} of ${total}`,
    '',
    wrap(claimed),
    '',
    `<details><summary>Refused by name: ${refused.length}</summary>`,
    '',
    refused.length > 0 ? wrap(refused) : 'None.',
    '',
    '</details>',
    '',
  ].join('\n');
}

const WIDTH = 118;

function wrap(names: readonly string[]): string {
  const lines: string[] = [];
  for (const [index, name] of names.entries()) {
    const word = `\`${name}\`${index < names.length - 1 ? ',' : ''}`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
