/** The table of claims alone: adding, then releasing in order. */
import { addAll, makeClaims, type PreparedClaims } from "./table.ts";

export const prepare = makeClaims;

export async function run(claims: PreparedClaims): Promise<number> {
  const tickets = addAll(claims);
  for (const ticket of tickets) {
    ticket.release();
  }
  return tickets.filter(({ clear }) => clear).length;
}
