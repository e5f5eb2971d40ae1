import type { Rows } from '../row.ts';
import { first, plain, present, text, texts } from '../shape.ts';
import { tagsOf } from '../tags.ts';
import { ec2Tags, tagged } from './ec2-looks.ts';

/** Flow logs. */
export const flowLogRows: Rows = {
  aws_flow_log: {
    service: 'ec2',
    create: [
      {
        command: 'CreateFlowLogs',
        input: (value) =>
          present({
            ResourceIds: [value.vpc_id ?? value.subnet_id ?? value.eni_id],
            ResourceType: value.vpc_id ? 'VPC' : value.subnet_id ? 'Subnet' : 'NetworkInterface',
            TrafficType: value.traffic_type,
            LogDestinationType: value.log_destination_type,
            LogDestination: value.log_destination || undefined,
            LogFormat: value.log_format || undefined,
            DeliverLogsPermissionArn: value.iam_role_arn,
            MaxAggregationInterval: value.max_aggregation_interval,
            TagSpecifications: tagged('vpc-flow-log', value),
          }),
        result: ({ FlowLogIds }) => ({ id: texts(FlowLogIds)[0] ?? null }),
      },
    ],
    read: [
      {
        command: 'DescribeFlowLogs',
        input: ({ id }) => ({ FlowLogIds: [id] }),
        state: ({ FlowLogs }, _, { settings }) => {
          const found = first(FlowLogs);
          if (found === undefined) return null;
          return {
            arn: `arn:aws:ec2:${settings.region}:${settings.accountId}:vpc-flow-log/${text(found.FlowLogId)}`,
            log_destination: plain(found.LogDestination),
            max_aggregation_interval: plain(found.MaxAggregationInterval),
            traffic_type: plain(found.TrafficType),
            tags: tagsOf(found.Tags),
          };
        },
      },
    ],
    delete: [{ command: 'DeleteFlowLogs', input: ({ id }) => ({ FlowLogIds: [id] }) }],
    tags: ec2Tags,
  },
};
