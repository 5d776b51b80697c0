/** Shapes of work: which of so many jobs come after which. Durations are put in later. */
import { integer, type Random } from "../support/random.ts";

/** For each job the indexes of those before it, all of them earlier. */
export type Shape = readonly (readonly number[])[];

/** Makes a shape. */
export type ShapeMaker = (random: Random) => Shape;

/** The shapes of graphs, by name. */
export const graphShapes: Readonly<Record<string, ShapeMaker>> = {
  layered,
  "series-parallel": seriesParallel,
  "fan-out and fan-in": fanOutFanIn,
  "random graph": randomGraph,
  "three steps an item": (random) => pipelines(integer(random, 20, 40), 3),
};

/** One step for each of a number of items. */
export function fanOut(random: Random): Shape {
  return pipelines(integer(random, 40, 120), 1);
}

/** Layers of 3 to 12, each job after one to three of the layer before. */
function layered(random: Random): Shape {
  const shape: (readonly number[])[] = [];
  let previous: readonly number[] = [];
  for (let layer = integer(random, 5, 10); layer > 0; layer -= 1) {
    const start = shape.length;
    const width = integer(random, 3, 12);
    for (let job = 0; job < width; job += 1) {
      shape.push(some(random, previous, integer(random, 1, 3)));
    }
    previous = range(start, shape.length);
  }
  return shape;
}

/** A graph put together from chains and branches, five levels deep. */
function seriesParallel(random: Random): Shape {
  const shape: (readonly number[])[] = [];
  const add = (before: readonly number[], depth: number): readonly number[] => {
    if (depth === 0 || random() < 0.1) {
      shape.push(before);
      return [shape.length - 1];
    }
    if (depth % 2 === 0) {
      return add(add(before, depth - 1), depth - 1);
    }
    return range(0, integer(random, 2, 4)).flatMap(() => add(before, depth - 1));
  };
  add(add([], 5), 4);
  return shape;
}

/** One job, then 8 to 20 beside each other, then one after all of them; three times. */
function fanOutFanIn(random: Random): Shape {
  const shape: (readonly number[])[] = [[]];
  for (let stage = 0; stage < 3; stage += 1) {
    const source = shape.length - 1;
    const width = integer(random, 8, 20);
    for (let job = 0; job < width; job += 1) {
      shape.push([source]);
    }
    shape.push(range(source + 1, shape.length));
  }
  return shape;
}

/** 40 to 100 jobs, each after none to four earlier ones. */
function randomGraph(random: Random): Shape {
  const size = integer(random, 40, 100);
  return range(0, size).map((index) => some(random, range(0, index), integer(random, 0, 4)));
}

/** Chains beside each other, given item by item. */
function pipelines(items: number, steps: number): Shape {
  return range(0, items * steps).map((index) => (index % steps === 0 ? [] : [index - 1]));
}

function some(random: Random, items: readonly number[], count: number): readonly number[] {
  const chosen = new Set<number>();
  for (let each = 0; each < count; each += 1) {
    const item = items[integer(random, 0, items.length - 1)];
    if (item !== undefined) {
      chosen.add(item);
    }
  }
  return [...chosen];
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
