/**
 * The parts of the Standard Schema (https://standardschema.dev) that tools use: version 1, which zod, valibot, arktype and others speak.
 * Written out, so that the types of this package bring no other package.
 */

/** A schema of any library that speaks the Standard Schema, version 1. */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    validate(value: unknown): StandardResult<Output> | Promise<StandardResult<Output>>;
    /** The schema as JSON Schema, where the library can say it. */
    readonly jsonSchema?: { input(options: { readonly target: string }): Record<string, unknown> };
  };
}

/** What a schema says of a value. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that is wrong with a value. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema makes of the arguments of a call. */
export type OutputOf<Schema> = Schema extends StandardSchema<infer Output> ? Output : unknown;
