/** What a service of a test answers, in words that every kind of service understands. */
import type { FinishReason, ModelUsage } from "../../src/models/model.ts";

export interface Exchange {
  readonly text?: readonly string[];
  readonly toolCalls?: readonly {
    readonly id: string;
    readonly name: string;
    readonly inputText: string;
  }[];
  readonly finishReason?: FinishReason;
  /** Absent: the service does not say. */
  readonly usage?: ModelUsage;
  readonly headers?: Readonly<Record<string, string>>;
  /** Refuses with this status. */
  readonly status?: number;
  /** The connection is lost after so many bits. */
  readonly breaksAfter?: number;
  /** Nothing more comes after so many bits. */
  readonly hangsAfter?: number;
}

/** A service, and a model of it. */
export interface Service {
  readonly url?: string;
  /** How many requests it is answering. */
  readonly inFlight: number;
  /** The requests that it got, each as JSON. */
  readonly requests: readonly string[];
  /** Resolves when it answers nobody any more. */
  idle(): Promise<void>;
  close?(): Promise<void>;
}

export const finishOf = ({ finishReason, toolCalls = [] }: Exchange): FinishReason =>
  finishReason ?? (toolCalls.length > 0 ? "tool-calls" : "stop");

/** Counts who is being answered. */
export class Flights {
  inFlight = 0;
  mostInFlight = 0;
  #watchers: (() => void)[] = [];

  begin(): () => void {
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    let hasEnded = false;
    return () => {
      if (!hasEnded) {
        hasEnded = true;
        this.inFlight -= 1;
        if (this.inFlight === 0) {
          this.#watchers.splice(0).forEach((wake) => wake());
        }
      }
    };
  }

  async idle(): Promise<void> {
    if (this.inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#watchers.push(resolve);
      });
    }
  }
}
