/** Which call belongs to which response: found by the list of messages that the SDK hands to everything it calls for one response. */
import type { Response, Responses } from "./response.ts";
import { SdkCall, type CallDetails } from "./sdk-call.ts";
import type { ApprovalOptions, ExecuteOptions } from "./sdk.ts";
import { Step, type StepSettings } from "./step.ts";

/** What the SDK has decided about a call. */
export interface Decision extends CallDetails {
  readonly messages: object;
  /** Whether it will execute the call as soon as the response is complete. */
  readonly isExecuted: boolean;
  /** What `execute` may be called with before that; undefined where it may not. */
  readonly early?: ApprovalOptions | undefined;
}

/** A call that the SDK executes, and where. */
export interface Arrival {
  readonly step: Step;
  readonly call: SdkCall;
}

/** The steps of all runs that use the same tools, concurrent ones too. */
export class Steps {
  readonly #settings: StepSettings;
  readonly #responses: Responses;
  /** Tools whose calls the SDK changes after it has decided about them: none of theirs starts early any more. */
  readonly #late = new Set<string>();
  readonly #byMessages = new WeakMap<object, Step[]>();

  constructor(settings: StepSettings, responses: Responses) {
    this.#settings = settings;
    this.#responses = responses;
  }

  /** The SDK has decided about a call; in the order of the response. */
  decide({ messages, isExecuted, early, ...details }: Decision): void {
    const step = this.#gatheringStep(messages, details.id);
    const call = new SdkCall(details);
    call.decision = isExecuted ? "execute" : "hold";
    step.add(call);
    if (early !== undefined && !this.#late.has(details.name)) {
      step.startEarly(call, early);
    }
  }

  /** The SDK executes a call. */
  arrive(details: CallDetails, options: ExecuteOptions): Arrival {
    const { id, name, input } = details;
    const { messages } = options;
    let place: number | undefined;
    for (const step of this.#stepsOf(messages)) {
      const call = step.find(details);
      const isChanged = call?.isEarly === true && !call.isAsStarted(input, options);
      if (isChanged) {
        step.withdraw(call);
        place = call.place;
        this.#late.add(name);
      } else if (call !== undefined && (step.isPlaced(call) || step.isGathering)) {
        step.arrive(call, options);
        return { step, call };
      }
    }
    const step = this.#gatheringStep(messages, id);
    const call = new SdkCall(details);
    step.add(call, place);
    step.arrive(call, options);
    return { step, call };
  }

  #gatheringStep(messages: object, id: string): Step {
    const response = this.#responses.find(id);
    const steps = this.#stepsOf(messages);
    return (
      steps.find((step) => step.isGathering && isOne(step.response, response)) ??
      this.#newStep(messages, response)
    );
  }

  #newStep(messages: object, response: Response | undefined): Step {
    const steps = this.#stepsOf(messages);
    const step: Step = new Step(this.#settings, response, () => {
      const index = steps.indexOf(step);
      if (index !== -1) {
        steps.splice(index, 1);
      }
      if (response !== undefined) {
        this.#responses.delete(response);
      }
    });
    steps.push(step);
    return step;
  }

  #stepsOf(messages: object): Step[] {
    const steps = this.#byMessages.get(messages) ?? [];
    this.#byMessages.set(messages, steps);
    return steps;
  }
}

/** Whether two calls can be of one response. Of one that is not known, nobody can tell. */
function isOne(a: Response | undefined, b: Response | undefined): boolean {
  return a === b || a === undefined || b === undefined;
}
