/** What holds a task up: claims, and exclusive siblings. */
import type { Children } from "./children.ts";
import type { Claimant, TaskRecord } from "./task-record.ts";

/** The nearest record from `record` upwards that claims something, or the root. */
export function claimingAncestor(record: TaskRecord): TaskRecord {
  let at = record;
  while (at.spec.claims === undefined && at.parent !== undefined) {
    at = at.parent;
  }
  return at;
}

/** Up to three tasks whose claims hold this one up. */
export function blockersOf(record: TaskRecord): readonly Claimant[] {
  if (isHeldByExclusive(record)) {
    const first = record.spec.exclusive
      ? record.parent?.children?.first
      : record.parent?.children?.exclusives?.[0];
    return first === undefined ? [] : [first];
  }
  return record.ticket?.blockers(3) ?? [];
}

/** Whether an exclusive task, or being one, keeps this one from starting. */
export function isHeldByExclusive(record: TaskRecord): boolean {
  const siblings = record.parent?.children;
  const exclusives = siblings?.exclusives;
  if (exclusives === undefined || exclusives.length === 0) {
    return false;
  }
  if (record.spec.exclusive) {
    return siblings?.first !== record;
  }
  return (exclusives[0]?.index ?? Infinity) < record.index;
}

/** A child was released: the waiting siblings that this lets go on, be it an exclusive one or those behind one. */
export function freedBy(
  siblings: Children,
  released: TaskRecord,
  exclusives: TaskRecord[],
): readonly TaskRecord[] {
  const at = exclusives.indexOf(released);
  if (at >= 0) {
    exclusives.splice(at, 1);
  }
  const next = exclusives[0];
  if (at < 0) {
    return next !== undefined && next === siblings.first && isIdle(next) ? [next] : [];
  }
  const freed: TaskRecord[] = [];
  for (let child = siblings.first; child !== undefined; child = child.next) {
    if (isIdle(child)) {
      freed.push(child);
    }
    if (child === next) {
      break;
    }
  }
  return freed;
}

function isIdle(record: TaskRecord): boolean {
  return record.state === "waiting" && !record.queued;
}
