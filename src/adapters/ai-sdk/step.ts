/**
 * The calls of one response: one turn of the toolbox.
 *
 * ```
 *   gathering -> opening -> open -> over
 *       \___________\_______________^
 * ```
 *
 * While it is gathering, the SDK decides about its calls one after another, in the order of the response; reads may start early. The first call that
 * is executed opens it: by then the SDK has decided about all. Those that it will execute are placed in the turn, in the order of the response, and
 * wait there for the SDK to execute them.
 */
import { afterTurn, type Clock, type Timer } from "../../core/clock.ts";
import type { TaskContext } from "../../core/task.ts";
import { claimsOf, conflict, type CallClaims } from "../../tools/call-claims.ts";
import type { ToolResult } from "../../tools/result.ts";
import type { Toolbox } from "../../tools/toolbox.ts";
import type { Turn, TurnOptions } from "../../tools/turn.ts";
import type { Response } from "./response.ts";
import { isSame, type SdkCall } from "./sdk-call.ts";
import type { ExecuteOptions } from "./sdk.ts";

/** What the steps of a toolbox share. */
export interface StepSettings {
  readonly toolbox: Toolbox;
  /** The folder that claims are relative to, from its root. */
  readonly root: string;
  readonly clock: Clock;
  readonly turn: Pick<TurnOptions, "failure">;
  /** The task that a turn which is opened now belongs to. */
  readonly within: () => TaskContext | undefined;
  /** Called when all calls of the turn are answered. */
  readonly onTurn: (turn: Turn) => void;
}

/**
 * How long the SDK may take to execute a call that it was to execute, in milliseconds, while no call of its response is at work. It takes no time, as
 * a rule; more where hooks of the application wait. Then the call is given up, so that nothing waits for ever behind one that will not come.
 */
const ARRIVAL_MS = 10_000;

/** The calls of one response. */
export class Step {
  readonly response: Response | undefined;
  readonly #settings: StepSettings;
  readonly #onOver: () => void;
  #calls: SdkCall[] = [];
  #state: "gathering" | "opening" | "open" | "over" = "gathering";
  #turn: Turn | undefined;
  #timer: Timer | undefined;
  /** Whether all calls of the turn are answered. */
  #isAnswered = false;

  constructor(settings: StepSettings, response: Response | undefined, onOver: () => void) {
    this.#settings = settings;
    this.response = response;
    this.#onOver = onOver;
    response?.listen({
      onComplete: () => this.#watch(),
      onBroken: (reason) => this.#drop(reason),
    });
  }

  /** Whether calls may be added. */
  get isGathering(): boolean {
    return this.#state === "gathering" || this.#state === "opening";
  }

  /** Whether a call has its place in the turn. */
  isPlaced(call: SdkCall): boolean {
    return call.isEarly || (this.#state === "open" && call.decision === "execute");
  }

  /** Adds a call in the order in which the SDK decides; at the place of another one, if it is in place of that. */
  add(call: SdkCall, place?: number): void {
    const twins = this.#calls.filter(({ id }) => id === call.id).length;
    call.key = twins === 0 ? call.id : `${call.id}#${twins + 1}`;
    call.place = place ?? this.response?.claim(call.id);
    call.onWork = () => this.#watch();
    this.#calls.push(call);
  }

  /** The call that the SDK executes now, as far as it is known. */
  find({ id, name, input }: Pick<SdkCall, "id" | "name" | "input">): SdkCall | undefined {
    const found = this.#calls.filter(
      (call) => call.id === id && call.name === name && !call.hasArrived && !call.isGivenUp,
    );
    return found.find((call) => isSame(call.input, input)) ?? found[0];
  }

  /**
   * Starts a call while the model is still writing, if that is safe: it only reads, and everything before it in the response is known and not in its
   * way.
   */
  startEarly(call: SdkCall, options: ExecuteOptions): void {
    const { response } = this;
    const isSafe =
      response?.isStream === true &&
      call.place !== undefined &&
      !response.isAmbiguous(call.id) &&
      response.isKnownBefore(call.place) &&
      this.#toolOf(call)?.effect === "read" &&
      !this.#calls.some((other) => this.#isInTheWay(other, call));
    if (isSafe && this.#state === "gathering") {
      call.startEarly(options);
      this.#placeIn(this.#openTurn(), call);
    }
  }

  /** The SDK executes a call: from now on the response is known to be complete. */
  arrive(call: SdkCall, options: ExecuteOptions): void {
    call.arrive(options);
    if (this.#state === "gathering") {
      const turn = this.#openTurn();
      if (call.decision === "execute" && this.response?.isKnown !== false) {
        this.#open(turn);
      } else {
        // What it decides is not seen of all: those that it executes together come in this turn of the event loop.
        this.#state = "opening";
        afterTurn(() => this.#open(turn));
      }
    }
    this.#watch();
  }

  /** Stops a call that was started with something else than the SDK hands over. */
  withdraw(call: SdkCall): void {
    this.#turn?.cancel(call.key, new Error("The call was changed after it had started"));
    call.giveUp();
  }

  /** Resolves with the result of a call; when `signal` is aborted, at once. */
  async resultOf(call: SdkCall, signal: AbortSignal | undefined): Promise<ToolResult> {
    const turn = await call.placement;
    const onAbort = (): void => turn.cancel(call.key, signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted === true) {
      onAbort();
    }
    try {
      return await turn.result(call.key);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      call.yields.close();
    }
  }

  /** Once, and also where its turn was aborted meanwhile: it then answers every call. */
  #open(turn: Turn): void {
    this.#state = "open";
    const wanted = this.#calls.filter(
      ({ decision, hasArrived }) => decision === "execute" || hasArrived,
    );
    const known = wanted.every(({ place }) => place !== undefined);
    const inOrder = known ? wanted.sort((a, b) => Number(a.place) - Number(b.place)) : wanted;
    for (const call of inOrder.filter(({ isEarly, isGivenUp }) => !isEarly && !isGivenUp)) {
      this.#placeIn(turn, call);
    }
    turn.commit();
    this.#watch();
  }

  #openTurn(): Turn {
    if (this.#turn === undefined) {
      const { toolbox, turn: options, within, onTurn } = this.#settings;
      const turn = toolbox.turn({
        ...options,
        within: within(),
        signal: this.response?.signal,
        approve: async ({ input }, { signal }) => {
          const call = input as SdkCall; // Nothing else is placed.
          signal.addEventListener("abort", () => call.giveUp(), { once: true });
          return await call.arrival;
        },
      });
      this.#turn = turn;
      const onEnd = (): void => {
        this.#isAnswered = true;
        this.#watch();
        onTurn(turn);
      };
      turn.results().then(onEnd, onEnd);
    }
    return this.#turn;
  }

  #placeIn(turn: Turn, call: SdkCall): void {
    turn.call({ id: call.key, name: call.name, input: call });
    call.placedIn(turn);
  }

  /** Ends when all is done, and gives up on calls that do not come. */
  #watch(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const isAwaiting = this.#awaited().length > 0;
    if (this.#isAnswered && (!isAwaiting || this.#state === "gathering")) {
      this.#end();
      return;
    }
    const isComplete = this.#state === "open" || this.response?.isComplete === true;
    const isAtWork = this.#calls.some(({ atWork }) => atWork > 0);
    if (isComplete && !isAtWork && isAwaiting) {
      this.#timer = this.#settings.clock.schedule(ARRIVAL_MS, () => this.#giveUp());
    }
  }

  /** Calls that were placed, and that the SDK has not executed. */
  #awaited(): readonly SdkCall[] {
    if (this.#turn === undefined || this.#state === "over") {
      return [];
    }
    return this.#calls.filter(
      ({ hasArrived, decision, isGivenUp, isEarly }) =>
        !hasArrived &&
        !isGivenUp &&
        (isEarly || (this.#state === "open" && decision === "execute")),
    );
  }

  #giveUp(): void {
    if (this.#state === "gathering") {
      this.#drop(new Error("The call was started early, and not executed"));
      return;
    }
    for (const call of this.#awaited()) {
      call.giveUp();
    }
    this.#watch();
  }

  /** No call of it will be executed. */
  #drop(reason: unknown): void {
    for (const call of this.#calls) {
      call.giveUp();
    }
    this.#turn?.abort(reason);
    this.#end();
  }

  #end(): void {
    this.#state = "over";
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#onOver();
  }

  /** Whether a call that does not run yet, and comes first, touches what `call` touches. */
  #isInTheWay(other: SdkCall, call: SdkCall): boolean {
    if (other === call || other.decision === "hold" || other.isEarly) {
      return false;
    }
    const [theirs, ours] = [this.#claimsOf(other), this.#claimsOf(call)];
    return theirs === undefined || ours === undefined || conflict(theirs, ours);
  }

  #claimsOf(call: SdkCall): CallClaims | undefined {
    const tool = this.#toolOf(call);
    try {
      return tool && claimsOf(tool, call, this.#settings.root);
    } catch {
      return undefined; // The toolbox says so when it is placed.
    }
  }

  #toolOf({ name }: SdkCall): ReturnType<Toolbox["tools"]["get"]> {
    return this.#settings.toolbox.tools.get(name);
  }
}
