/** Who starts first among those who wait for slots, and whose place in the tree of tasks is earlier. */

/** A place in the tree of tasks. */
export interface Place {
  /** Absent at the root. */
  readonly parent: Place | undefined;
  /** Its number among its siblings. */
  readonly index: number;
}

/** What start order is decided by. */
export interface StartRank {
  /** A running task that takes its slots back: it goes ahead of all that have not started. */
  readonly takesBack: boolean;
  readonly priority: number;
  /** The longest remaining path, in milliseconds; 0 when unknown. */
  readonly remainingMs: number;
  readonly place: Place;
}

/** Take-backs, then priority, then the longest remaining path, then depth-first place. */
export function startsBefore(a: StartRank, b: StartRank): boolean {
  if (a.takesBack !== b.takesBack) {
    return a.takesBack;
  }
  if (a.priority !== b.priority) {
    return a.priority > b.priority;
  }
  if (a.remainingMs !== b.remainingMs) {
    return a.remainingMs > b.remainingMs;
  }
  return precedes(a.place, b.place);
}

/** Whether `a` comes before `b` depth first: a parent before its children, siblings by number. Roots compare by number. */
export function precedes(a: Place, b: Place): boolean {
  if (a.parent === b.parent) {
    return a.index < b.index;
  }
  const [depthOfA, depthOfB] = [depthOf(a), depthOf(b)];
  let left = upwards(a, depthOfA - depthOfB);
  let right = upwards(b, depthOfB - depthOfA);
  if (left === right) {
    return depthOfA < depthOfB;
  }
  while (left.parent !== right.parent && left.parent !== undefined && right.parent !== undefined) {
    left = left.parent;
    right = right.parent;
  }
  return left.index < right.index;
}

/** How far below the root: counted when asked for, as nearly all comparisons are of siblings. */
function depthOf(place: Place): number {
  let depth = 0;
  for (let at = place.parent; at !== undefined; at = at.parent) {
    depth += 1;
  }
  return depth;
}

function upwards(place: Place, steps: number): Place {
  let at = place;
  for (let step = 0; step < steps; step += 1) {
    at = at.parent ?? at;
  }
  return at;
}

/** Whether `ancestor` is `place` or above it. */
export function isWithin(place: Place, ancestor: Place): boolean {
  let at: Place | undefined = place;
  while (at !== undefined && at !== ancestor) {
    at = at.parent;
  }
  return at !== undefined;
}
