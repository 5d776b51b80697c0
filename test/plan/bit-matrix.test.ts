import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addBits,
  BitMatrix,
  clearBit,
  columnsOf,
  dropBits,
  hasBit,
  keepBits,
  setBit,
} from "../../src/plan/bit-matrix.ts";

const SIZE = 70;
const columns = fc.uniqueArray(fc.nat(SIZE - 1));

function rowOf(some: readonly number[]): Uint32Array {
  const row = new BitMatrix(SIZE).row(0);
  some.forEach((column) => setBit(row, column));
  return row;
}

test("rows are sets of columns", () => {
  fc.assert(
    fc.property(columns, columns, fc.nat(SIZE - 1), (some, others, one) => {
      const changed = (change: (row: Uint32Array, other: Uint32Array) => void): number[] => {
        const row = rowOf(some);
        change(row, rowOf(others));
        return columnsOf(row);
      };
      const all = [...Array.from({ length: SIZE }).keys()];
      const [a, b] = [new Set(some), new Set(others)];
      expect(columnsOf(rowOf(some))).toEqual(all.filter((each) => a.has(each)));
      expect(changed(addBits)).toEqual(all.filter((each) => a.has(each) || b.has(each)));
      expect(changed(keepBits)).toEqual(all.filter((each) => a.has(each) && b.has(each)));
      expect(changed(dropBits)).toEqual(all.filter((each) => a.has(each) && !b.has(each)));
      expect(changed((row) => clearBit(row, one))).toEqual(
        all.filter((each) => a.has(each) && each !== one),
      );
      expect(hasBit(rowOf(some), one)).toBe(a.has(one));
    }),
  );
});

test("setBoth leaves the other rows alone", () => {
  fc.assert(
    fc.property(fc.nat(SIZE - 1), fc.nat(SIZE - 1), (a, b) => {
      const matrix = new BitMatrix(SIZE);
      matrix.setBoth(a, b);
      const found = [...Array.from({ length: matrix.size }).keys()].flatMap((row) =>
        columnsOf(matrix.row(row)).map((column) => `${row} ${column}`),
      );
      expect(found.toSorted()).toEqual([...new Set([`${a} ${b}`, `${b} ${a}`])].toSorted());
    }),
  );
});
