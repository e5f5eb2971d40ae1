import { createHash } from 'node:crypto';
import { dataRows } from '../local-backend/data-rows.ts';
import { createPlanBackend } from '../plan-backend/plan-backend.ts';
import { type ObjectValue, renderKey } from '../protocol/value.ts';
import type { Backend, Context } from '../provider/backend.ts';
import type { RecordedCall } from './recording.ts';

/** The back end of made-up results, which writes down what it is asked for. */
export function createRecordingBackend(): Backend & { calls: RecordedCall[] } {
  const plan = createPlanBackend();
  const calls: RecordedCall[] = [];
  const looked = new Set<string>();
  return {
    ...plan,
    calls,
    async create(context, planned) {
      const told = await plan.create(context, planned);
      calls.push({ kind: 'create', ...callOf(context), asked: planned, told });
      return told;
    },
    async readData(context, config) {
      const told = { ...(await plan.readData(context, config)), ...parameterOf(context, config) };
      const key = renderKey([context.typeName, config]);
      // What follows from its arguments is computed again in what is made with it.
      if (context.typeName in dataRows && !looked.has(key))
        calls.push({ kind: 'look', ...callOf(context), asked: config, told });
      looked.add(key);
      return told;
    },
  };
}

const callOf = ({ typeName, settings }: Context) => ({ typeName, settings });

/** A parameter of which the name tells what is in it: stacks look at images closely, and at ARNs by their end. */
function parameterOf({ typeName, block, settings }: Context, { name, arn }: ObjectValue): ObjectValue {
  if (typeName !== 'aws_ssm_parameter') return {};
  const full = arn ?? `arn:aws:ssm:${settings.region}:${settings.accountId}:parameter${String(name)}`;
  const digest = createHash('sha256').update(String(full)).digest('hex');
  const [, service] = /\/([a-z0-9-]+)\/image$/.exec(String(full)) ?? [];
  const registry = `${settings.accountId}.dkr.ecr.${settings.region}.amazonaws.com`;
  const value =
    service === undefined ? `value of ${String(full)}` : `${registry}/${service}@sha256:${digest}`;
  return { arn: full, value, ...(block.attributes.insecure_value && { insecure_value: value }) };
}
