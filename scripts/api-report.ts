/**
 * Writes the public surface of every entry to `etc/<entry>.api.md`; with `--check` fails when a report is out of date.
 * Reads the declarations in dist, so build first.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CONFIG_PATH = join(ROOT, "api-extractor.json");
const isCheck = process.argv.includes("--check");

mkdirSync(join(ROOT, "etc"), { recursive: true });

for (const [entry, target] of entries()) {
  const reportName = entry === "." ? "fanfold" : `fanfold-${entry.slice(2).replaceAll("/", "-")}`;
  const isCurrent = report(reportName, join(ROOT, target));
  console.log(
    `etc/${reportName}.api.md ${isCurrent ? "is current" : isCheck ? "is out of date: run npm run api" : "written"}`,
  );
  if (!isCurrent && isCheck) process.exitCode = 1;
}

function entries(): readonly (readonly [string, string])[] {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
  return Object.entries(manifest.exports).flatMap(([entry, target]) =>
    typeof target === "string" ? [] : [[entry, target.types] as const],
  );
}

function report(name: string, declarationPath: string): boolean {
  const configObject = ExtractorConfig.loadFile(CONFIG_PATH);
  const config = ExtractorConfig.prepare({
    configObject: {
      ...configObject,
      mainEntryPointFilePath: declarationPath,
      apiReport: { ...configObject.apiReport, enabled: true, reportFileName: name },
    },
    configObjectFullPath: CONFIG_PATH,
    packageJsonFullPath: join(ROOT, "package.json"),
  });
  const result = Extractor.invoke(config, { localBuild: !isCheck, showVerboseMessages: false });
  if (result.errorCount > 0) process.exitCode = 1;
  return !result.apiReportChanged;
}
