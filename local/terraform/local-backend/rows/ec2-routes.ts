import type { ObjectValue, Value } from '../../protocol/value.ts';
import type { At, Known, Row, Rows } from '../row.ts';
import { pascal, sdkName, toSdk } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, shapes, text } from '../shape.ts';
import { described, ec2Tags, tagged } from './ec2-looks.ts';

const routeTargets = [
  'gateway_id',
  'nat_gateway_id',
  'network_interface_id',
  'transit_gateway_id',
  'vpc_endpoint_id',
  'vpc_peering_connection_id',
];

/** Route tables, their routes and subnets. */
export const routeRows: Rows = {
  aws_route_table: routeTable(),
  aws_route: {
    service: 'ec2',
    create: [
      {
        command: 'CreateRoute',
        input: (value, { block }) => routeInput(value, block),
        result: (_, value) => ({ id: `r-${text(value.route_table_id)}${text(destinationOf(value))}` }),
      },
    ],
    read: [
      {
        command: 'DescribeRouteTables',
        input: (value) => ({ RouteTableIds: [value.route_table_id] }),
        state: ({ RouteTables }, value) => routeState(shapes(first(RouteTables)?.Routes), value),
      },
    ],
    update: [{ command: 'ReplaceRoute', input: (value, { block }) => routeInput(value, block) }],
    delete: [
      {
        command: 'DeleteRoute',
        input: (value) =>
          present({
            RouteTableId: value.route_table_id,
            DestinationCidrBlock: value.destination_cidr_block || undefined,
            DestinationIpv6CidrBlock: value.destination_ipv6_cidr_block || undefined,
          }),
      },
    ],
    import: (id) => ({
      route_table_id: id.split('_')[0] ?? '',
      destination_cidr_block: id.split('_')[1] ?? '',
    }),
  },
  aws_route_table_association: {
    service: 'ec2',
    create: [
      {
        command: 'AssociateRouteTable',
        input: ({ route_table_id: table, subnet_id: subnet }) => ({ RouteTableId: table, SubnetId: subnet }),
        result: ({ AssociationId }) => ({ id: plain(AssociationId) }),
      },
    ],
    read: [
      {
        command: 'DescribeRouteTables',
        input: ({ id }) => ({
          Filters: [{ Name: 'association.route-table-association-id', Values: [id] }],
        }),
        state: ({ RouteTables }, { id }) => {
          const found = shapes(first(RouteTables)?.Associations).find(
            ({ RouteTableAssociationId }) => RouteTableAssociationId === id,
          );
          return found
            ? { route_table_id: plain(found.RouteTableId), subnet_id: plain(found.SubnetId) }
            : null;
        },
      },
    ],
    update: [
      {
        command: 'ReplaceRouteTableAssociation',
        names: ['route_table_id'],
        input: ({ id, route_table_id: table }) => ({ AssociationId: id, RouteTableId: table }),
        result: ({ NewAssociationId }) => ({ id: plain(NewAssociationId) }),
      },
    ],
    delete: [{ command: 'DisassociateRouteTable', input: ({ id }) => ({ AssociationId: id }) }],
  },
};

function routeTable(): Row {
  return {
    service: 'ec2',
    create: [
      {
        command: 'CreateRouteTable',
        input: (value) => present({ VpcId: value.vpc_id, TagSpecifications: tagged('route-table', value) }),
        result: ({ RouteTable }) => ({ id: plain(shape(RouteTable).RouteTableId) }),
      },
    ],
    read: [
      described('DescribeRouteTables', 'RouteTableIds', 'RouteTables', (found, { settings }) => ({
        arn: `arn:aws:ec2:${settings.region}:${settings.accountId}:route-table/${text(found.RouteTableId)}`,
        owner_id: settings.accountId,
        propagating_vgws: [],
        vpc_id: plain(found.VpcId),
      })),
    ],
    delete: [{ command: 'DeleteRouteTable', input: ({ id }) => ({ RouteTableId: id }) }],
    tags: ec2Tags,
  };
}

function routeInput(value: Known, block: At['block']): Shape {
  const names = ['route_table_id', 'destination_cidr_block', 'destination_ipv6_cidr_block', ...routeTargets];
  return present(
    toSdk(
      block,
      value,
      pascal,
      names.filter((name) => value[name] !== ''),
    ),
  );
}

function destinationOf(value: Known): Value {
  return value.destination_cidr_block || value.destination_ipv6_cidr_block || null;
}

function routeState(routes: readonly Shape[], value: Known): ObjectValue | null {
  const destination = destinationOf(value);
  const found = routes.find(
    ({ DestinationCidrBlock, DestinationIpv6CidrBlock }) =>
      DestinationCidrBlock === destination || DestinationIpv6CidrBlock === destination,
  );
  if (found === undefined) return null;
  const targets = routeTargets.map((name) => [name, plain(found[sdkName(name, pascal)])] as const);
  return { ...Object.fromEntries(targets), state: plain(found.State), origin: plain(found.Origin) };
}
