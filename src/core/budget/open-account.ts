/** An account of a budget while it is open: the gate at which attempts below it reserve what they will cost. */
import type { Gate, Grant } from "../limits/gate.ts";
import { Limit } from "../limits/limit.ts";
import { startWaiting } from "../limits/start-waiting.ts";
import type { SkipCause } from "../outcome.ts";
import type { Waiter } from "../start-queue.ts";
import { Account, type Shortage } from "./account.ts";
import { spoken, type Amounts } from "./amounts.ts";
import type { Budget } from "./budget.ts";
import type { Estimate } from "./estimate.ts";

/** An open account. For the attempt that it belongs to it is what it was let through with; those below it come to it as a gate. */
export class OpenAccount implements Gate, Grant {
  readonly reason = "budget";
  readonly budget: Budget;
  readonly account: Account;
  /** The run of its attempt; undefined for the account of the budget itself. */
  readonly run: Waiter["owner"] | undefined;
  #line: Limit | undefined;

  constructor(budget: Budget, account: Account, run: Waiter["owner"] | undefined) {
    this.budget = budget;
    this.account = account;
    this.run = run;
  }

  /** Where those wait who draw from it. A line for each account, so that nobody waits behind somebody who draws from another. */
  get line(): Limit {
    if (this.#line === undefined) {
      this.#line = new Limit({ name: this.budget.name });
      this.#line.gate = this;
      this.budget.lines.add(this.#line);
    }
    return this.#line;
  }

  holds({ estimate }: Waiter): boolean {
    return !estimate.isForced && !this.account.fits(estimate);
  }

  admits(waiter: Waiter): boolean {
    const { estimate } = waiter;
    const cause = estimate.isForced ? undefined : this.#hopeless(estimate);
    if (cause !== undefined) {
      waiter.owner.refuse(waiter, cause);
      startWaiting([this.line]); // The next one in line has its turn.
      return false;
    }
    return !this.holds(waiter);
  }

  admit({ estimate, owner }: Waiter): Grant {
    this.budget.begin(owner);
    return new OpenAccount(this.budget, new Account(this.account, estimate), owner);
  }

  /** Why an attempt is refused that does not fit now, although it may once others have ended. */
  refusal(estimate: Estimate): SkipCause | undefined {
    const shortage = this.account.shortage(estimate);
    return shortage && this.#cause(shortage);
  }

  spend(amounts: Partial<Amounts>): void {
    this.account.spend(amounts);
  }

  end(): void {
    // What it started may still draw from it.
  }

  close(): void {
    this.account.close();
    this.budget.end(this.run as Waiter["owner"], this.#line); // Only the account of the budget itself has none, and is never closed.
  }

  /** Why an attempt can never start. */
  #hopeless(estimate: Estimate): SkipCause | undefined {
    const { leftMs, name } = this.budget;
    const { expectedMs } = estimate;
    if (leftMs <= 0 || expectedMs > leftMs) {
      return {
        kind: "budget",
        budget: name,
        unit: "timeMs",
        needed: expectedMs,
        left: Math.max(0, leftMs),
      };
    }
    const shortage = this.account.lastingShortage(estimate);
    return shortage && this.#cause(shortage);
  }

  #cause({ unit, needed, left }: Shortage): SkipCause {
    return {
      kind: "budget",
      budget: this.budget.name,
      unit,
      needed: spoken(unit, needed),
      left: spoken(unit, left),
    };
  }
}
