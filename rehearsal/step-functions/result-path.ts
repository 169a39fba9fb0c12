import { StatesError, TaskError } from './errors';
import { isObject } from './json';
import { Path } from './path';

/** Where a result is put into a state's raw input: `$` replaces it, null discards the result, a reference path adds or overwrites one field. */
export class ResultPath {
  /** What holds where a state has no `ResultPath`: the result replaces the input. */
  public static readonly DEFAULT = ResultPath.parse('$');

  /** Reads a reference path into the data, or throws an Error that says what is wrong with it. */
  public static parse(text: string): ResultPath {
    const path = Path.parseReference(text);
    if (path.onContext) throw new Error(`'${text}' points into the context object, which cannot be written`);
    return new ResultPath(text, path.steps);
  }

  private constructor(private readonly text: string, private readonly steps: readonly (string | number)[]) {}

  /**
   * A copy of the input that holds the result; members on the way are made as needed. States.ResultPathMatchFailure where the
   * input has something else than an object, or no such array element, on the way.
   */
  public write(input: unknown, result: unknown): unknown {
    return this.writeAt(input, this.steps, result);
  }

  private writeAt(place: unknown, steps: readonly (string | number)[], result: unknown): unknown {
    const [step, ...rest] = steps;
    if (step === undefined) return result;
    if (typeof step === 'string' && isObject(place)) {
      const next = Object.hasOwn(place, step) ? place[step] : {};
      return { ...place, [step]: this.writeAt(next, rest, result) };
    }
    if (typeof step === 'number' && Array.isArray(place) && step < place.length) {
      return place.map((element: unknown, index) => (index === step ? this.writeAt(element, rest, result) : element));
    }
    throw new TaskError(StatesError.RESULT_PATH_MATCH_FAILURE, `unable to apply the ResultPath '${this.text}' at '${step}': there is ${JSON.stringify(place).slice(0, 200)}`);
  }
}
