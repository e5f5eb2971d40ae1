import * as ecs from '@aws-sdk/client-ecs';
import { type ApiShape, apiShapeOf } from './api-shape.ts';
import type { Enums } from './check.ts';

/** What RegisterTaskDefinition takes, by the schema of the SDK. */
export const TASK_DEFINITION: ApiShape = apiShapeOf(ecs.RegisterTaskDefinitionRequest$);

const values = (known: object): string[] => Object.values(known);

/** The words ECS takes, by struct and member; the schemas do not tie a member to its enum. */
export const ENUMS: Enums = {
  'RegisterTaskDefinitionRequest.networkMode': values(ecs.NetworkMode),
  'RegisterTaskDefinitionRequest.requiresCompatibilities': values(ecs.Compatibility),
  'RegisterTaskDefinitionRequest.pidMode': values(ecs.PidMode),
  'RegisterTaskDefinitionRequest.ipcMode': values(ecs.IpcMode),
  'RuntimePlatform.cpuArchitecture': values(ecs.CPUArchitecture),
  'RuntimePlatform.operatingSystemFamily': values(ecs.OSFamily),
  'LogConfiguration.logDriver': values(ecs.LogDriver),
  'PortMapping.protocol': values(ecs.TransportProtocol),
  'PortMapping.appProtocol': values(ecs.ApplicationProtocol),
  'ContainerDependency.condition': values(ecs.ContainerCondition),
  'EnvironmentFile.type': values(ecs.EnvironmentFileType),
  'ResourceRequirement.type': values(ecs.ResourceType),
  'Ulimit.name': values(ecs.UlimitName),
  'FirelensConfiguration.type': values(ecs.FirelensConfigurationType),
  'ContainerDefinition.versionConsistency': values(ecs.VersionConsistency),
};
