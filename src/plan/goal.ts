/** When a plan has reached its goal. */
import { cancelEachChild } from "../core/cancel.ts";
import type { Kernel } from "../core/kernel.ts";
import type { Outcome } from "../core/outcome.ts";
import { answerKey, plainText } from "../models/answer-kind.ts";
import { Ballots } from "../patterns/ballots.ts";
import type { VoteReason } from "../patterns/rules/rule.ts";
import { answerOf } from "./kinds.ts";
import { resultTasks } from "./plan-graph.ts";
import type { Combine, PlanTask } from "./plan.ts";
import type { TaskResult } from "./values.ts";
import { voteRule } from "./vote-rule.ts";

/** How the results of a plan voted. Answers are told apart as those of `consensus`. */
export interface PlanVote {
  /** Whether one answer won, several lead, or none has what the rule asks for. */
  readonly verdict: "won" | "tied" | "undecided";
  /** The answer that won; undefined where none has. */
  readonly winner: unknown;
  readonly reason: VoteReason;
  /** Every answer, and how many results gave it: the one of most votes first. */
  readonly tally: readonly { readonly answer: unknown; readonly votes: number }[];
}

/** Watches whether a plan has enough results, and then cancels the rest. */
export class Goal {
  readonly #combine: Combine;
  /** The numbers of those that are results, by name. */
  readonly #results: ReadonlyMap<string, number>;
  /** How many results are enough, where the plan wants the first: as many as there can be when only some tasks run. */
  readonly #enough: number;
  readonly #ballots: Ballots<unknown> | undefined;
  readonly #unpaid: ReadonlySet<string>;
  #completed = 0;
  #isOver = false;

  /** @param unpaid - the names of tasks that could not be paid, they or an item of theirs: it grows */
  constructor(combine: Combine, tasks: readonly PlanTask[], unpaid: ReadonlySet<string>) {
    this.#unpaid = unpaid;
    const results = resultTasks(tasks);
    this.#combine = combine;
    this.#results = new Map(results.map(({ name }, index) => [name, index]));
    this.#enough = combine.kind === "first" ? Math.min(combine.count, results.length) : Infinity;
    if (combine.kind === "vote") {
      const rule = voteRule(combine.rule, plainText);
      this.#ballots = new Ballots({ of: results.length, rule, maxWeight: 1 });
    }
  }

  /** How the results have voted; undefined where they do not. */
  get vote(): PlanVote | undefined {
    if (this.#ballots === undefined) {
      return undefined;
    }
    const { verdict, winner, reason, tally } = this.#ballots.standing;
    return {
      verdict,
      winner,
      reason,
      tally: tally.map(({ answer, votes }) => ({ answer, votes })),
    };
  }

  /** Whether the plan has reached its goal with these outcomes. */
  isReached(outcomes: readonly Outcome<unknown>[]): boolean {
    switch (this.#combine.kind) {
      case "first":
        return this.#completed >= this.#enough;
      case "vote":
        return this.vote?.verdict === "won";
      default:
        return outcomes.every((outcome) => this.#isFine(outcome));
    }
  }

  get isBestEffort(): boolean {
    return this.#combine.kind === "best-effort";
  }

  /** A task has ended. */
  note(kernel: Kernel, name: string, result: TaskResult): void {
    const index = this.#results.get(name);
    // One that is cancelled says nothing: the plan is over, or was stopped from outside.
    if (index === undefined || this.#isOver || result.status === "cancelled") {
      return;
    }
    this.#completed += Number(result.status === "completed");
    if (this.#ballots !== undefined) {
      count(this.#ballots, index, result);
    }
    if (this.#completed === this.#enough || this.#ballots?.needs() === 0) {
      this.#isOver = true;
      cancelEachChild(kernel, kernel.root, "the plan has enough results");
    }
  }

  /** Whether a task did what it should: it completed, or found that there was nothing to do, or came after one that did. */
  #isFine(outcome: Outcome<unknown>): boolean {
    if (this.#unpaid.has(outcome.key)) {
      return false;
    }
    return (
      outcome.status === "completed" ||
      (outcome.status === "skipped" &&
        (outcome.because.kind === "condition" ||
          (outcome.because.kind === "dependency" && outcome.because.status === "skipped")))
    );
  }
}

/** Counts how a result voted. */
function count(ballots: Ballots<unknown>, index: number, result: TaskResult): void {
  if (result.status !== "completed") {
    ballots.count(index, result.status === "skipped" ? "abstained" : "failed");
    return;
  }
  try {
    const answer = answerOf(result);
    const key = answerKey(answer);
    if (key !== undefined) {
      ballots.read(index, { key, answer, weight: 1 });
    }
    ballots.count(index, key === undefined ? "abstained" : "answered");
  } catch {
    ballots.count(index, "failed"); // What a module returned, and JSON cannot hold, is no answer.
  }
}
