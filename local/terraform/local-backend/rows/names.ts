import type { ObjectValue } from '../../protocol/value.ts';
import type { At, Known, Row, Rows } from '../row.ts';
import { fromSdk, type Naming, toSdk } from '../sdk-names.ts';
import { plain, present, type Shape, shape, shapes, text, texts } from '../shape.ts';
import { allTags, tagList, tagsByArn, tagsOf } from '../tags.ts';

const pascal: Naming = { style: 'pascal', names: { ttl: 'TTL' } };
const tags = tagsByArn({ arn: 'ResourceARN', tags: 'Tags', keys: 'TagKeys', style: 'pascal' });

/** Cloud Map and certificates. */
export const nameRows: Rows = {
  aws_service_discovery_private_dns_namespace: namespace('CreatePrivateDnsNamespace', ({ vpc }) => ({
    Vpc: vpc,
  })),
  aws_service_discovery_http_namespace: namespace('CreateHttpNamespace', () => ({})),
  aws_service_discovery_service: {
    service: 'discovery',
    create: [
      {
        command: 'CreateService',
        input: (value, { block }) => {
          const { DnsConfig } = toSdk(block, value, pascal, ['dns_config']);
          const { HealthCheckConfig } = toSdk(block, value, pascal, ['health_check_config']);
          return present({
            Name: value.name,
            NamespaceId: value.namespace_id || shape(DnsConfig).NamespaceId,
            Description: value.description,
            DnsConfig: DnsConfig === undefined ? undefined : dnsConfig(shape(DnsConfig)),
            HealthCheckConfig,
            HealthCheckCustomConfig:
              texts(value.health_check_custom_config).length > 0 ? { FailureThreshold: 1 } : undefined,
            Tags: tagList(allTags(value)),
          });
        },
        result: ({ Service }) => ({ id: plain(shape(Service).Id), arn: plain(shape(Service).Arn) }),
      },
    ],
    read: [
      {
        command: 'GetService',
        input: ({ id }) => ({ Id: id }),
        state: ({ Service }, value, at) => serviceState(shape(Service), value, at),
      },
    ],
    update: [
      {
        command: 'UpdateService',
        input: (value, { block }) => {
          const { DnsConfig } = toSdk(block, value, pascal, ['dns_config']);
          return {
            Id: value.id,
            Service: present({
              Description: value.description ?? '',
              DnsConfig: DnsConfig === undefined ? undefined : { DnsRecords: dnsRecords(shape(DnsConfig)) },
            }),
          };
        },
      },
    ],
    delete: [{ command: 'DeleteService', input: ({ id }) => ({ Id: id }) }],
    tags,
  },
  aws_acm_certificate_validation: certificateValidation(),
  aws_acm_certificate: {
    service: 'acm',
    create: [
      {
        command: 'RequestCertificate',
        when: ({ certificate_body: body }) => !body,
        input: (value) =>
          present({
            DomainName: value.domain_name,
            SubjectAlternativeNames:
              texts(value.subject_alternative_names).length > 0 ? value.subject_alternative_names : undefined,
            ValidationMethod: value.validation_method,
            Tags: tagList(allTags(value)),
          }),
        result: ({ CertificateArn }) => ({ id: plain(CertificateArn), arn: plain(CertificateArn) }),
      },
      {
        command: 'ImportCertificate',
        when: ({ certificate_body: body }) => Boolean(body),
        input: (value) =>
          present({
            Certificate: Buffer.from(text(value.certificate_body)),
            PrivateKey: Buffer.from(text(value.private_key_wo ?? value.private_key)),
            CertificateChain: value.certificate_chain
              ? Buffer.from(text(value.certificate_chain))
              : undefined,
            Tags: tagList(allTags(value)),
          }),
        result: ({ CertificateArn }) => ({ id: plain(CertificateArn), arn: plain(CertificateArn) }),
      },
    ],
    read: [
      {
        command: 'DescribeCertificate',
        input: ({ id }) => ({ CertificateArn: id }),
        state: ({ Certificate }, value) => certificateState(shape(Certificate), value),
      },
    ],
    delete: [{ command: 'DeleteCertificate', input: ({ id }) => ({ CertificateArn: id }) }],
    tags: {
      read: {
        command: 'ListTagsForCertificate',
        input: ({ id }) => ({ CertificateArn: id }),
        tags: ({ Tags }) => tagsOf(Tags),
      },
      set: {
        command: 'AddTagsToCertificate',
        input: ({ id }, added) => ({ CertificateArn: id, Tags: tagList(added) }),
      },
      unset: {
        command: 'RemoveTagsFromCertificate',
        input: ({ id }, keys) => ({ CertificateArn: id, Tags: keys.map((Key) => ({ Key })) }),
      },
    },
    import: (id) => ({ arn: id }),
  },
};

/** Waits for a certificate; there is nothing to make or to remove. */
function certificateValidation(): Row {
  const look = {
    command: 'DescribeCertificate',
    input: ({ certificate_arn: arn }: Known) => ({ CertificateArn: arn }),
  };
  return {
    service: 'acm',
    create: [{ ...look, result: (_, { certificate_arn: arn }) => ({ id: arn ?? null }) }],
    read: [{ ...look, state: (_, { certificate_arn: arn }) => ({ certificate_arn: arn ?? null }) }],
    delete: [],
    settled: async (at, { certificate_arn: arn }) => {
      const { Certificate } = await at.call('acm', 'DescribeCertificate', { CertificateArn: arn });
      return shape(Certificate).Status === 'ISSUED';
    },
  };
}

/** A namespace is made by an operation that tells its id when it is done. */
function namespace(command: string, extra: (value: Known) => Shape): Row {
  return {
    service: 'discovery',
    create: [
      {
        command,
        input: (value) =>
          present({
            Name: value.name,
            Description: value.description,
            Tags: tagList(allTags(value)),
            ...extra(value),
          }),
        result: ({ OperationId }) => ({ operation: text(OperationId) }),
      },
      {
        command: 'GetOperation',
        input: ({ operation }) => ({ OperationId: operation }),
        result: ({ Operation }) => ({ id: plain(shape(shape(Operation).Targets).NAMESPACE) }),
      },
    ],
    read: [
      {
        command: 'GetNamespace',
        input: ({ id }) => ({ Id: id }),
        state: ({ Namespace }) => {
          const found = shape(Namespace);
          const properties = shape(found.Properties);
          return {
            arn: plain(found.Arn),
            description: plain(found.Description),
            name: plain(found.Name),
            hosted_zone: plain(shape(properties.DnsProperties).HostedZoneId),
            http_name: plain(shape(properties.HttpProperties).HttpName),
          };
        },
      },
    ],
    delete: [{ command: 'DeleteNamespace', input: ({ id }) => ({ Id: id }) }],
    tags,
  };
}

function dnsConfig(config: Shape): Shape {
  return { RoutingPolicy: config.RoutingPolicy, DnsRecords: dnsRecords(config) };
}

function dnsRecords(config: Shape): Shape[] {
  return shapes(config.DnsRecords).map(({ TTL, Type }) => ({ TTL, Type }));
}

function serviceState(found: Shape, value: Known, { block }: At): ObjectValue {
  const dns =
    found.DnsConfig === undefined ? undefined : { ...shape(found.DnsConfig), NamespaceId: found.NamespaceId };
  return {
    ...fromSdk(block, { ...found, DnsConfig: dns }, pascal, ['description', 'dns_config', 'name']),
    arn: plain(found.Arn),
    namespace_id: plain(found.NamespaceId),
    health_check_custom_config: value.health_check_custom_config ?? [],
  };
}

function certificateState(found: Shape, value: Known): ObjectValue {
  return {
    arn: plain(found.CertificateArn),
    domain_name: plain(found.DomainName),
    domain_validation_options: shapes(found.DomainValidationOptions).map((option) => {
      const record = shape(option.ResourceRecord);
      return {
        domain_name: plain(option.DomainName),
        resource_record_name: plain(record.Name),
        resource_record_type: plain(record.Type),
        resource_record_value: plain(record.Value),
      };
    }),
    key_algorithm: plain(found.KeyAlgorithm),
    not_after: plain(found.NotAfter),
    not_before: plain(found.NotBefore),
    status: plain(found.Status),
    subject_alternative_names: texts(found.SubjectAlternativeNames),
    type: plain(found.Type),
    validation_method: value.validation_method ?? null,
  };
}
