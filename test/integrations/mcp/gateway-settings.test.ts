/** What is configured of the servers behind a gateway, and of their tools: in front of real processes. */
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { virtualClock } from "../../../src/testing/index.ts";
import { brief, gatewayTo, program } from "./gateways.ts";

test("requestsPerMinute keeps a call back until 60 seconds after the first of as many", async () => {
  const clock = virtualClock({ autojump: false });
  const gateway = gatewayTo(
    { s: { ...program("stdio-server.mjs"), fanfold: { requestsPerMinute: 2 } } },
    { clock },
  );
  await gateway.find();
  const told: string[] = [];
  // None of them is answered before all have come.
  const meet = { tool: "s/meet", arguments: { of: 3 } };
  const calls = [1, 2, 3].map((id) => ({ ...meet, arguments: { of: 3, id } }));
  const answer = gateway.call(calls, { onProgress: ({ message }) => told.push(message) });
  const isAnswered = answer.then(() => told.push("answered"));
  while (!/running: 1, 2|answered/.test(told.at(-1) ?? "")) {
    await setImmediate();
    await clock.advance(1000);
  }
  // The first began in the second that has just passed.
  await clock.advance(58_999);
  expect(told.at(-1)).toBe("0 of 3 ended; running: 1, 2");
  await clock.advance(1001);
  await isAnswered;
  expect(brief(await answer)).toEqual(["1 completed", "2 completed", "3 completed"]);
});

test("what is said of tools that are not there is told of, with those that were probably meant", async () => {
  const gateway = gatewayTo({
    s: {
      ...program("stdio-server.mjs"),
      fanfold: { deny: ["die"], tools: { meat: { parallel: true }, die: {}, meet: {}, x: {} } },
    },
    t: { ...program("stdio-server.mjs"), fanfold: { tools: { meet: { parallel: true } } } },
  });
  const warning =
    'What is configured of tools of server "s" that it does not offer has no effect: "meat" (did you mean "meet"?), "die", "x".';
  for (const given of [{}, { query: "cancelled" }, { tools: ["s/meet"] }, { server: "s" }]) {
    const { text, data } = await gateway.find(given);
    expect(data["failures"]).toEqual([warning]);
    expect(text.endsWith(`\n\n${warning}`)).toBe(true);
  }
  expect((await gateway.find({ server: "t" })).data["failures"]).toBeUndefined();
});
