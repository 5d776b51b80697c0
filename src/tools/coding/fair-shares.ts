/** Divides room among those who need some. */

/**
 * How much each gets of `room`: what it needs, or else an equal share of what is left by those who need less (max-min fairness, Bertsekas
 * and Gallager, "Data Networks", section 6.5.2). Integers; together no more than `room`.
 */
export function fairShares(needs: readonly number[], room: number): readonly number[] {
  const shares = needs.map(() => 0);
  const bySize = needs.map((need, index) => ({ need, index })).sort((a, b) => a.need - b.need);
  let left = room;
  for (const [place, { need, index }] of bySize.entries()) {
    const share = Math.min(need, Math.floor(left / (bySize.length - place)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}
