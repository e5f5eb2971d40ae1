/** What of a container's port mapping says which of its ports may be sent to. */
export interface PortMapping {
  containerPort?: number;
  /** As `8000-8005`. */
  containerPortRange?: string;
}

/** Whether a load balancer may send to a port by a mapping, which names one port or a range. */
export function hasPort({ containerPort, containerPortRange = '' }: PortMapping, port: number): boolean {
  const [from = 0, to = 0] = containerPortRange.split('-').map(Number);
  return containerPort === port || (containerPortRange !== '' && from <= port && port <= to);
}
