import { expect, test } from '@jest/globals';
import { createPlanBackend } from '../plan-backend/plan-backend.ts';
import { type ObjectValue, UNKNOWN } from '../protocol/value.ts';
import { openRecordedStacks } from '../recording/recorded-stack.ts';
import { type RecordedCall, readRecording, writeRecording } from '../recording/recording.ts';

const settings = { region: 'us-east-1', accountId: '123456789012', defaultTags: {} };
const call = (typeName: string, asked: ObjectValue, told: ObjectValue): RecordedCall => ({
  kind: 'create',
  ...{ typeName, settings, asked, told },
});

/** A network with a subnet, and a policy whose text holds the network's ARN. */
const recorded = readRecording(
  writeRecording({
    calls: [
      call(
        'aws_vpc',
        { id: UNKNOWN, cidr_block: '10.0.0.0/16', region: null },
        {
          id: 'vpc-0made0up',
          arn: 'arn:aws:ec2:us-east-1:123456789012:vpc/vpc-0made0up',
          cidr_block: '10.0.0.0/16',
        },
      ),
      call(
        'aws_subnet',
        { id: UNKNOWN, vpc_id: 'vpc-0made0up' },
        { id: 'subnet-0made0up', vpc_id: 'vpc-0made0up' },
      ),
      call(
        'aws_iam_policy',
        {
          name: 'look',
          policy: '{"Resource":"arn:aws:ec2:us-east-1:123456789012:vpc/vpc-0made0up"}',
        },
        {},
      ),
    ],
    outputs: { network: { subnet: 'subnet-0made0up', zones: ['us-east-1a'] } },
  }),
);

/** Another stack's, that stands on the network. */
const ofNetwork = {
  calls: [call('aws_subnet', { id: UNKNOWN, vpc_id: 'vpc-0made0up' }, { id: 'subnet-1made1up' })],
  outputs: {},
};

const actual: Record<string, ObjectValue> = {
  aws_vpc: { id: 'vpc-real', arn: 'arn:aws:ec2:us-east-1:123456789012:vpc/vpc-real' },
  aws_subnet: { id: 'subnet-real' },
};

function openOnDouble() {
  const made: [string, ObjectValue][] = [];
  const gone: string[] = [];
  const backend = {
    ...createPlanBackend(),
    create: async ({ typeName }: { typeName: string }, asked: ObjectValue) => {
      made.push([typeName, asked]);
      return { ...asked, ...actual[typeName] };
    },
    delete: async ({ typeName }: { typeName: string }) => void gone.push(typeName),
  };
  const { network, guest } = openRecordedStacks({ network: recorded, guest: ofNetwork }, backend);
  return { made, gone, stack: network, guest };
}

test('what was made up gives way to what the back end made, alone and inside a text', async () => {
  const { made, stack } = openOnDouble();
  await stack.apply();
  expect(made[0]).toEqual([
    'aws_vpc',
    expect.objectContaining({ id: UNKNOWN, cidr_block: '10.0.0.0/16', region: null }),
  ]);
  expect(made[1]).toEqual(['aws_subnet', expect.objectContaining({ vpc_id: 'vpc-real' })]);
  expect(made[2]?.[1].policy).toBe('{"Resource":"arn:aws:ec2:us-east-1:123456789012:vpc/vpc-real"}');
  expect(await stack.output('network')).toEqual({ subnet: 'subnet-real', zones: ['us-east-1a'] });
});

test('what was made last goes first, and is counted', async () => {
  const { gone, stack } = openOnDouble();
  await stack.apply();
  expect(await stack.count()).toBe(3);
  await stack.destroy();
  expect(gone).toEqual(['aws_iam_policy', 'aws_subnet', 'aws_vpc']);
  expect(await stack.count()).toBe(0);
});

test('a stack that stands on it names what was really made', async () => {
  const { made, stack, guest } = openOnDouble();
  await stack.apply();
  await guest.apply();
  expect(made.at(-1)).toEqual(['aws_subnet', expect.objectContaining({ vpc_id: 'vpc-real' })]);
});

test('it does not pretend to plan', async () => {
  await expect(openOnDouble().stack.plan()).rejects.toThrow('takes Terraform');
});
