import { covers } from "./resource.ts";
export type ClaimMode = "read" | "write";
export interface Claim { readonly segments: readonly string[]; readonly mode: ClaimMode }
export interface ClaimTicket<T> {
  readonly clear: boolean; hold(): void; blockers(most: number): readonly T[]; release(): void;
}
class Ticket<T extends object> implements ClaimTicket<T> {
  held = false; wasClear = false;
  readonly table: ClaimTable<T>; readonly task: T; readonly claims: readonly Claim[];
  constructor(table: ClaimTable<T>, task: T, claims: readonly Claim[]) { this.table = table; this.task = task; this.claims = claims; }
  get clear(): boolean { return this.blockers(1).length === 0; }
  hold(): void { this.held = true; }
  blockers(most: number): readonly T[] {
    return this.table.tickets.filter((o) => o !== this && conflict(o.claims, this.claims) && (this.table.precedes(o.task, this.task) || o.held) && !this.held).slice(0, most).map((o) => o.task);
  }
  release(): void {
    const at = this.table.tickets.indexOf(this as never);
    if (at < 0) return;
    this.table.tickets.splice(at, 1);
    for (const t of [...this.table.tickets]) if (!t.held && t.clear) this.table.onClear(t.task);
  }
}
function conflict(a: readonly Claim[], b: readonly Claim[]): boolean {
  return a.some((x) => b.some((y) => (x.mode === "write" || y.mode === "write") && (covers(x.segments, y.segments) || covers(y.segments, x.segments))));
}
export class ClaimTable<T extends object> {
  readonly tickets: Ticket<T>[] = []; readonly precedes: (a: T, b: T) => boolean; readonly onClear: (task: T) => void;
  constructor(options: { precedes(a: T, b: T): boolean; onClear(task: T): void }) { this.precedes = options.precedes; this.onClear = options.onClear; }
  add(task: T, claims: readonly Claim[]): ClaimTicket<T> { const t = new Ticket(this, task, claims); this.tickets.push(t); return t; }
}
