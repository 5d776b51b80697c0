/** Claims of a task that turn out to be fewer, before it has started. */
import type { Claims } from "./claim-table.ts";
import { InternalError } from "./errors.ts";
import { claimingAncestor } from "./held-by.ts";
import type { Kernel } from "./kernel.ts";
import { childrenOf } from "./children.ts";
import type { TaskRecord } from "./task-record.ts";
import { checkWithin } from "./task-spec.ts";

/** What a task claims after all: as it is declared, and as the table of claims knows it. */
export interface NarrowedClaims {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly claims: Claims;
}

/**
 * Narrows the claims of a task that something still holds in its place: from now on only those wait for it that conflict with what it claims
 * after all. All of that must lie within what it claimed.
 *
 * @throws `RangeError` when a claim is outside those of the task around it.
 */
export function narrowClaims(kernel: Kernel, record: TaskRecord, narrowed: NarrowedClaims): void {
  const { ticket, parent } = record;
  if (record.state !== "waiting") {
    return; // It was cancelled meanwhile.
  }
  if (ticket === undefined || parent === undefined || record.unmet === 0) {
    throw new InternalError(`Cannot narrow the claims of task "${record.key}" as it holds them`);
  }
  const { reads, writes, claims } = narrowed;
  const owner = claimingAncestor(parent);
  const { table } = childrenOf(owner);
  const isLeft = reads.length + writes.length > 0;
  const spec = { ...record.spec, reads, writes, claims: isLeft ? claims : undefined };
  if (isLeft && owner.spec.claims !== undefined) {
    checkWithin(record.key, spec, owner.key, owner.spec);
  }
  record.spec = spec;
  record.ticket = isLeft ? table?.narrow(ticket, record, claims) : undefined;
  if (!isLeft) {
    ticket.release();
  }
  const { log } = kernel.options;
  if (log.wanted) {
    log.add({ type: "claims-narrowed", taskId: record.id, reads, writes });
  }
}
