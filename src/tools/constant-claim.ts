/** Claims that do not depend on the arguments of a call: they are known before these are. */

/** What `reads` and `writes` of a tool say. */
type Resources = string | readonly string[];

const constants = new WeakSet<object>();

/** What `reads` or `writes` of a tool is where every call claims the same. */
export function constantClaim(resources: Resources): () => Resources {
  const claim = (): Resources => resources;
  constants.add(claim);
  return claim;
}

/** Whether it was made by {@link constantClaim}. */
export function isConstantClaim(claim: object): boolean {
  return constants.has(claim);
}
