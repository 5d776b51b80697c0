/**
 * Who may spend how much, as a tree: below a budget, an account for each attempt that runs, and below that those of its children.
 *
 * An account reserves its estimate from the one above when it is opened, and is corrected to what was really spent when it is
 * closed. An estimate is also the most that those below may reserve, together and with what the attempt itself has told: they draw
 * from its reservation. Where an attempt estimated nothing, those below it draw from the account above it.
 */
import { UNITS, type Amounts, type Unit } from "./amounts.ts";
import type { Estimate } from "./estimate.ts";

/** What makes an account. */
type Opening = Pick<Estimate, "reserve" | "bounded">;

/** What makes a request for one. */
type Request = Pick<Estimate, "reserve" | "unknown">;

/** Of what there is too little. */
export interface Shortage {
  readonly unit: Unit;
  readonly needed: number;
  readonly left: number;
}

/** One account. */
export class Account {
  readonly #balances: Readonly<Record<Unit, Balance>>;

  constructor(above: Account | undefined, { reserve, bounded }: Opening) {
    const around = above === undefined ? undefined : above.#balances;
    const balance = (unit: Unit): Balance =>
      new Balance(around?.[unit], reserve[unit], bounded.includes(unit));
    this.#balances = { usd: balance("usd"), tokens: balance("tokens"), calls: balance("calls") };
  }

  /** What is spent for certain: it cannot become less. */
  get spent(): Amounts {
    const { usd, tokens, calls } = this.#balances;
    return { usd: usd.certain, tokens: tokens.certain, calls: calls.certain };
  }

  /** What is spent or reserved. */
  get used(): Amounts {
    const { usd, tokens, calls } = this.#balances;
    return { usd: usd.used, tokens: tokens.used, calls: calls.used };
  }

  /** Whether an account can be opened below it now, without exceeding what this one or any above it may spend. */
  fits(request: Request): boolean {
    return this.shortage(request) === undefined;
  }

  /** Of what there is too little now. */
  shortage(request: Request): Shortage | undefined {
    return this.#shortage(request, "used");
  }

  /** Of what there will be too little, even when all have ended that need not wait for it, and spent no more. */
  lastingShortage(request: Request): Shortage | undefined {
    return this.#shortage(request, "certain");
  }

  /** So much was spent, besides what was told before. */
  spend(amounts: Partial<Amounts>): void {
    for (const unit of UNITS) {
      const amount = amounts[unit];
      if (amount !== undefined) {
        this.#balances[unit].spend(amount);
      }
    }
  }

  /** The attempt has ended, and so have all below it: it counts for what was spent, or where nobody has told, for its estimate. */
  close(): void {
    for (const unit of UNITS) {
      this.#balances[unit].close();
    }
  }

  #shortage({ reserve, unknown }: Request, counted: Counted): Shortage | undefined {
    for (const unit of UNITS) {
      const needed = reserve[unit];
      const balance = this.#balances[unit];
      const left = unknown.includes(unit)
        ? balance.nothingLeft(counted)
        : balance.tooLittle(needed, counted);
      if (left !== undefined) {
        return { unit, needed, left };
      }
    }
    return undefined;
  }
}

/** What counts against an account: all that is spent or reserved, or only what is spent for certain. */
type Counted = "used" | "certain";

/** An account of one unit. */
class Balance {
  readonly #above: Balance | undefined;
  readonly #estimate: number;
  /** Whether what is below it keeps within the estimate. */
  readonly #isBounded: boolean;
  /** What the attempt itself has told; undefined before it did. */
  #told: number | undefined;
  /** What those below count for: what is reserved for them, or was spent if that is more. */
  #below = 0;
  /** The part of that which is spent for certain. */
  #belowCertain = 0;
  #isOpen = true;

  constructor(above: Balance | undefined, estimate: number, isBounded: boolean) {
    this.#above = above;
    this.#estimate = estimate;
    this.#isBounded = isBounded;
    above?.grow(this.#held(this.used), this.certain);
  }

  /** What is spent or reserved, by it and below it. */
  get used(): number {
    return this.#own + this.#below;
  }

  /** What is spent, by it and below it. */
  get certain(): number {
    return this.#own + this.#belowCertain;
  }

  /** What is left for one who needs more than that; undefined where it is enough, here and in all accounts above. */
  tooLittle(needed: number, counted: Counted): number | undefined {
    if (needed === 0) {
      return undefined;
    }
    const used = this[counted];
    if (this.#isBounded && used + needed > this.#estimate) {
      return Math.max(0, this.#estimate - used);
    }
    const held = this.#held(used);
    const heldThen = this.#held(used + needed);
    // It stays open meanwhile, and counts for its estimate above: that is new there where only what is certain is counted.
    const more = counted === "used" ? heldThen - held : heldThen - used;
    return heldThen === held ? undefined : this.#above?.tooLittle(more, counted);
  }

  /** Zero when nothing is left for one who does not say what it needs. It may start where something is reserved for its like. */
  nothingLeft(counted: Counted): number | undefined {
    if (this.#above !== undefined) {
      return this.#isBounded ? undefined : this.#above.nothingLeft(counted);
    }
    return this.#isBounded && this[counted] >= this.#estimate ? 0 : undefined;
  }

  spend(amount: number): void {
    this.#change(() => {
      this.#told = (this.#told ?? 0) + amount;
    });
  }

  close(): void {
    this.#change(() => {
      this.#told = this.#isBounded
        ? (this.#told ?? (this.#below > 0 ? 0 : this.#estimate))
        : this.#own;
      this.#isOpen = false;
    });
  }

  /** One below it counts for more, or less, than before. */
  grow(held: number, certain: number): void {
    this.#change(() => {
      this.#below += held;
      this.#belowCertain += certain;
    });
  }

  /** What the attempt itself counts for. Without a bound its estimate is its own alone, and spent as soon as it runs. */
  get #own(): number {
    const told = this.#told ?? 0;
    return this.#isBounded ? told : Math.max(told, this.#estimate);
  }

  /** What it counts for in the account above when so much is used. */
  #held(used: number): number {
    return this.#isBounded && this.#isOpen ? Math.max(used, this.#estimate) : used;
  }

  #change(change: () => void): void {
    const held = this.#held(this.used);
    const { certain } = this;
    change();
    this.#above?.grow(this.#held(this.used) - held, this.certain - certain);
  }
}
