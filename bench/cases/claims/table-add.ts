/** The table of claims alone: adding. */
import { addAll, makeClaims, type PreparedClaims } from "./table.ts";

export const prepare = makeClaims;

export async function run(claims: PreparedClaims): Promise<number> {
  return addAll(claims).length;
}
