type NeedsByName = Readonly<Record<string, { readonly needs: readonly string[] }>>;

/**
 * Service names in waves: each wave needs only names of the waves before it, so its members may go side by side.
 * Names within a wave keep the order of the map. Needs outside the map are ignored. The map must hold no cycle.
 */
export function inNeedsOrder(services: NeedsByName): string[][] {
  const waves: string[][] = [];
  const placed = new Set<string>();
  let rest = Object.keys(services);
  while (rest.length > 0) {
    const isReady = (name: string): boolean =>
      needsOf(services, name).every((need) => placed.has(need) || !Object.hasOwn(services, need));
    const wave = rest.filter(isReady);
    if (wave.length === 0) throw new Error(`needs go round: ${rest.join(', ')}`);
    for (const name of wave) placed.add(name);
    waves.push(wave);
    rest = rest.filter((name) => !placed.has(name));
  }
  return waves;
}

/** The names and every service that needs one of them, directly or not; in the order of the map. */
export function withDependents(services: NeedsByName, names: Iterable<string>): string[] {
  const found = new Set(names);
  for (const name of inNeedsOrder(services).flat()) {
    if (needsOf(services, name).some((need) => found.has(need))) found.add(name);
  }
  return Object.keys(services).filter((name) => found.has(name));
}

/** One way round the needs, the first name repeated at its end (`a`, `b`, `a`), or `undefined`. */
export function tryCycle(needs: NeedsByName): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, trail: string[]): string[] | undefined => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const need of needsOf(needs, name)) {
      const found = visit(need, [...trail, name]);
      if (found) return found;
    }
    done.add(name);
    return undefined;
  };
  for (const name of Object.keys(needs)) {
    const found = visit(name, []);
    if (found) return found;
  }
  return undefined;
}

/** Own properties only: a service may be called `constructor`. */
function needsOf(services: NeedsByName, name: string): readonly string[] {
  return Object.hasOwn(services, name) ? (services[name]?.needs ?? []) : [];
}
