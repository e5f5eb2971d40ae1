import type { ObjectValue } from '../../protocol/value.ts';
import type { Known, Rows } from '../row.ts';
import { first, plain, present, type Shape, shape, shapes, text, texts } from '../shape.ts';

/** Records of hosted zones; nobody is answered from them. */
export const route53Rows: Rows = {
  aws_route53_record: {
    service: 'route53',
    create: [
      {
        command: 'GetHostedZone',
        input: ({ zone_id: zone }) => ({ Id: zone }),
        result: ({ HostedZone }, { name }) => ({ fqdn: fullName(text(name), text(shape(HostedZone).Name)) }),
      },
      {
        command: 'ChangeResourceRecordSets',
        input: (value) =>
          changes(value, [change(value.allow_overwrite === true ? 'UPSERT' : 'CREATE', value)]),
        result: (_, value) => ({ id: recordId(value) }),
      },
    ],
    read: [
      {
        command: 'ListResourceRecordSets',
        input: (value) => ({
          HostedZoneId: value.zone_id,
          StartRecordName: nameOf(value),
          StartRecordType: value.type,
        }),
        state: ({ ResourceRecordSets }, value) => {
          const found = shapes(ResourceRecordSets).find((record) => isSame(record, value));
          return found === undefined ? null : recordState(found, value);
        },
      },
    ],
    update: [
      {
        command: 'GetHostedZone',
        input: ({ zone_id: zone }) => ({ Id: zone }),
        result: ({ HostedZone }, { name }) => ({ fqdn: fullName(text(name), text(shape(HostedZone).Name)) }),
      },
      {
        command: 'ChangeResourceRecordSets',
        // A record of another name, type or identifier is another record.
        input: (value, _, prior = {}) =>
          recordId(prior) === recordId(value)
            ? changes(value, [change('UPSERT', value)])
            : changes(value, [change('DELETE', prior), change('CREATE', value)]),
        result: (_, value) => ({ id: recordId(value) }),
      },
    ],
    delete: [
      { command: 'ChangeResourceRecordSets', input: (value) => changes(value, [change('DELETE', value)]) },
    ],
    import: (id) => {
      const [zone = '', name = '', type = '', ...rest] = id.split('_');
      return {
        ...{ zone_id: zone, name, fqdn: name, type },
        set_identifier: rest.length > 0 ? rest.join('_') : null,
      };
    },
  },
};

/** A name is written in full, or without the zone's. */
function fullName(name: string, zone: string): string {
  const [short, domain] = [withoutDot(name), withoutDot(zone)];
  return short === domain || short.endsWith(`.${domain}`) ? short : `${short}.${domain}`;
}

const withoutDot = (name: string): string => name.toLowerCase().replace(/\.$/, '');

const nameOf = ({ fqdn, name }: Known): string => text(fqdn) || text(name);

function recordId(value: Known): string {
  const { zone_id: zone, type, set_identifier: identifier } = value;
  return [zone, nameOf(value), type, ...(identifier ? [identifier] : [])].map(text).join('_');
}

function isSame({ Name, Type, SetIdentifier }: Shape, value: Known): boolean {
  return (
    withoutDot(text(Name)) === withoutDot(nameOf(value)) &&
    Type === value.type &&
    text(SetIdentifier) === text(value.set_identifier)
  );
}

function changes({ zone_id: zone }: Known, Changes: readonly Shape[]): Shape {
  return { HostedZoneId: zone, ChangeBatch: { Changes } };
}

function change(Action: 'CREATE' | 'DELETE' | 'UPSERT', value: Known): Shape {
  const records = texts(value.records);
  const alias = first(value.alias);
  const place = first(value.geolocation_routing_policy);
  const ResourceRecordSet = present({
    Name: nameOf(value),
    Type: value.type,
    TTL: value.ttl,
    ResourceRecords: records.length > 0 ? records.map((one) => ({ Value: quoted(one, value) })) : undefined,
    AliasTarget: alias && {
      HostedZoneId: alias.zone_id,
      DNSName: alias.name,
      EvaluateTargetHealth: alias.evaluate_target_health,
    },
    SetIdentifier: value.set_identifier || undefined,
    HealthCheckId: value.health_check_id || undefined,
    MultiValueAnswer: value.multivalue_answer_routing_policy || undefined,
    Weight: first(value.weighted_routing_policy)?.weight,
    Failover: first(value.failover_routing_policy)?.type,
    Region: first(value.latency_routing_policy)?.region,
    GeoLocation:
      place &&
      present({
        ContinentCode: place.continent || undefined,
        CountryCode: place.country || undefined,
        SubdivisionCode: place.subdivision || undefined,
      }),
  });
  return { Action, ResourceRecordSet };
}

/** Texts stand between quotes in Route 53 and without them in Terraform. */
const quoted = (record: string, { type }: Known): string =>
  type === 'TXT' || type === 'SPF' ? `"${record}"` : record;

const unquoted = (record: string, { type }: Known): string =>
  type === 'TXT' || type === 'SPF' ? record.replace(/^"|"$/g, '') : record;

function recordState(found: Shape, value: Known): ObjectValue {
  const alias = shape(found.AliasTarget);
  const place = shape(found.GeoLocation);
  const block = (member: unknown, name: string) =>
    plain(member) === null ? [] : [{ [name]: plain(member) }];
  return {
    alias:
      found.AliasTarget === undefined
        ? []
        : [
            {
              evaluate_target_health: plain(alias.EvaluateTargetHealth),
              name: withoutDot(text(alias.DNSName)),
              zone_id: plain(alias.HostedZoneId),
            },
          ],
    failover_routing_policy: block(found.Failover, 'type'),
    fqdn: withoutDot(text(found.Name)),
    geolocation_routing_policy:
      found.GeoLocation === undefined
        ? []
        : [
            {
              continent: plain(place.ContinentCode),
              country: plain(place.CountryCode),
              subdivision: plain(place.SubdivisionCode),
            },
          ],
    health_check_id: plain(found.HealthCheckId),
    latency_routing_policy: block(found.Region, 'region'),
    multivalue_answer_routing_policy: plain(found.MultiValueAnswer),
    records: shapes(found.ResourceRecords).map(({ Value }) => unquoted(text(Value), value)),
    ttl: plain(found.TTL),
    type: plain(found.Type),
    weighted_routing_policy: block(found.Weight, 'weight'),
  };
}
