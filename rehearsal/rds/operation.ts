import { type OperationSchema } from './protocol';

/** Who calls. */
export interface Caller {
  /** Throws AccessDenied unless the caller may do the action (without `rds:`) on all of the resources. */
  require(action: string, resources: string[]): void;
}

/** One operation of the API: how to run it, and what the caller must have permission for. */
export interface Operation {
  readonly schema: OperationSchema;
  /** ARNs that the permission for the action itself is asked for. */
  resources(input: unknown): string[];
  run(input: unknown, caller: Caller): unknown;
}

/** Joins an operation's schema with its implementation. The input has been read by that schema, so its type is the SDK's. */
export function operation<Input extends object, Output extends object>(
  schema: OperationSchema,
  resources: (input: Input) => string[],
  run: (input: Input, caller: Caller) => Output | Promise<Output>,
): Operation {
  return {
    schema,
    resources: (input) => resources(input as Input),
    run: (input, caller) => run(input as Input, caller),
  };
}
