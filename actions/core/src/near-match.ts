/**
 * The known names closest to a mistyped one, best first, at most three; empty when nothing is near.
 * Near is: equal but for case, at most a third of the letters changed, or one containing the other.
 */
export function nearMatches(name: string, known: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  return [...new Set(known)]
    .map((candidate) => ({ candidate, distance: distanceOf(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => Number.isFinite(distance))
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** ` Did you mean "a" or "b"?`, or else ` Known: …` with at most twenty names; empty when nothing is known. */
export function renderNearMatches(name: string, known: Iterable<string>): string {
  const names = [...known];
  const near = nearMatches(name, names);
  if (near.length > 0) return ` Did you mean ${near.map((n) => `"${n}"`).join(' or ')}?`;
  if (names.length === 0) return '';
  const shown = names.slice(0, 20).join(', ');
  return ` Known: ${shown}${names.length > 20 ? `, and ${names.length - 20} more` : ''}.`;
}

function distanceOf(wanted: string, candidate: string): number {
  const changes = editDistance(wanted, candidate);
  if (changes <= Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3))) return changes;
  const contained = wanted.length >= 3 && (candidate.includes(wanted) || wanted.includes(candidate));
  return contained && candidate.length >= 3 ? 100 + changes : Number.POSITIVE_INFINITY;
}

/** Optimal string alignment: insertions, deletions, changes and swaps of neighbours each count one. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(change, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? a.length;
}
