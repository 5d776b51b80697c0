// What killed servers have left behind is removed, and nothing else.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, utimesSync } from "node:fs";
import { expect, test } from "vitest";
import { markAsOwn, removeLeftFolders } from "../../src/mcp/left-folders.ts";
import { ownIdentity } from "../../src/system/process-identity.ts";
import { temporaryFolder } from "../system/temporary-folder.ts";

const folder = temporaryFolder();

test("folders of processes that have ended are removed, of this user and this name alone", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const dead = JSON.stringify({ ...ownIdentity(), pid, startedAt: "1" });
  const elsewhere = JSON.stringify({ place: "elsewhere", pid: 1, startedAt: "1" });
  folder.write("server-dead/.owner.json", dead);
  folder.write("server-dead/output/1.txt", "text");
  folder.write("server-elsewhere/.owner.json", elsewhere);
  folder.write("server-broken/.owner.json", "{");
  folder.write("server-nobodys/1.txt", "text");
  folder.write("server-file", dead);
  folder.write("other-dead/.owner.json", dead);
  symlinkSync(folder.at("other-dead"), folder.at("server-link"));
  mkdirSync(folder.at("server-own"));
  markAsOwn(folder.at("server-own"));
  await removeLeftFolders(folder.path, "server-");
  expect(readdirSync(folder.path)).toEqual([
    "other-dead",
    "server-broken",
    "server-elsewhere",
    "server-file",
    "server-link",
    "server-nobodys",
    "server-own",
  ]);
  expect(readdirSync(folder.at("other-dead"))).toEqual([".owner.json"]);
});

test("folders that say of nobody that it is theirs are removed after a day, empty ones after a minute", async () => {
  const seconds = Date.now() / 1000;
  for (const [name, age] of [
    ["empty-new", 0],
    ["empty-old", 120],
    ["full-new", 120],
    ["full-old", 25 * 60 * 60],
  ] as const) {
    mkdirSync(folder.at(`server-${name}`));
    if (name.startsWith("full")) {
      folder.write(`server-${name}/1.txt`, "text");
    }
    utimesSync(folder.at(`server-${name}`), seconds - age, seconds - age);
  }
  await removeLeftFolders(folder.path, "server-");
  expect(readdirSync(folder.path)).toEqual(["server-empty-new", "server-full-new"]);
});
