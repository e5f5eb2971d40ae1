/**
 * Names that only tasks know, as a private hosted zone gives them in a VPC: `orders:3001` for a load balancer inside,
 * `database:5432` for a managed server. Each stands for a port on 127.0.0.1 of this machine.
 */
export interface PrivateNames {
  /** Lets tasks that start from now on reach a port of this machine as `host:port`; said again, it leads elsewhere. */
  point(name: string, port: number): void;
  /** Every name that has been given, `host:port`, in that order. */
  list(): readonly string[];
  /** The port on 127.0.0.1 that a name stands for; `undefined` where nobody gave it. */
  portOf(name: string): number | undefined;
}

const shape = /^[a-z][a-z0-9.-]*:(\d{1,5})$/;
/** A task's relay is no root user, and AWS's own services listen above this too. */
const lowestPort = 1024;

/** Begins without a name. `point` throws for a name that is none. */
export function createPrivateNames(): PrivateNames {
  const ports = new Map<string, number>();
  return {
    point(name, port) {
      const asked = Number(shape.exec(name)?.[1]);
      if (!(asked >= lowestPort && asked <= 65_535)) {
        throw new Error(
          `"${name}" is no private name; write host:port in lower case with a port from ${lowestPort} to 65535, like orders:3001.`,
        );
      }
      ports.set(name, port);
    },
    list: () => [...ports.keys()],
    portOf: (name) => ports.get(name),
  };
}
