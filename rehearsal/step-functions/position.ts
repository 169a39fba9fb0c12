/**
 * Where an execution, or a branch of a Parallel, stands: the state it is in and that state's raw input. It outlives a failure,
 * since a redrive continues from it.
 */
export interface Position {
  state: string;
  input: unknown;
  /** While the state is a Parallel whose branches were started: how far each is. */
  branches?: BranchPosition[];
}

/** How far a branch of a Parallel is. */
export interface BranchPosition {
  readonly at: Position;
  /** Set as soon as the branch has succeeded. */
  result?: { readonly output: unknown };
}
