import { UserError } from './errors.ts';
import type { Target } from './github/target-inputs.ts';
import { inEnvironment, type Service } from './manifest.ts';

/** A service this step works on. */
export interface SelectedService {
  /** Key in the manifest, or the ECS service's name. */
  service: string;
  cluster: string;
  serviceName: string;
  /** Those of the selected services that this one needs, directly or by others. */
  needs: string[];
  smoke?: string;
}

/**
 * The services the inputs name: those of the manifest when `environment` is given, else the one of `cluster`
 * and `service`. Throws `INPUT_MISSING` when neither is there, `INPUT_CONTRADICTION` when both are.
 */
export function selectServices(
  target: Pick<Target, 'manifest' | 'environment' | 'services'>,
  single: { cluster: string | undefined; service: string | undefined },
): SelectedService[] {
  const { manifest, environment, services } = target;
  if (!environment) return [selectSingle(single)];
  if (single.cluster !== undefined || single.service !== undefined) {
    throw new UserError(
      'INPUT_CONTRADICTION',
      'The inputs "cluster" and "service" name one service by hand, "environment" takes them from the manifest: leave one way out.',
    );
  }
  const selected = new Set(services.map(({ name }) => name));
  return services.map((service) => ({
    service: service.name,
    cluster: environment.cluster,
    serviceName: inEnvironment(service.service, environment.name),
    needs: [...neededBy(service.name, manifest?.services ?? {})].filter((name) => selected.has(name)),
    smoke: service.smoke,
  }));
}

function selectSingle({ cluster, service }: { cluster: string | undefined; service: string | undefined }) {
  if (cluster === undefined || service === undefined) {
    throw new UserError(
      'INPUT_MISSING',
      'Which service? Give "environment" to take the services from the manifest, or "cluster" and "service" to name one.',
    );
  }
  return { service, cluster, serviceName: service, needs: [] };
}

function neededBy(name: string, services: Readonly<Record<string, Service>>): Set<string> {
  const found = new Set<string>();
  const visit = (from: string): void => {
    for (const need of services[from]?.needs ?? []) {
      if (found.has(need)) continue;
      found.add(need);
      visit(need);
    }
  };
  visit(name);
  return found;
}
