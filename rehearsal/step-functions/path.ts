import { runtimeError } from './errors';
import { selectorAt, type Selector } from './selectors';

/** What paths are applied to: `$` is the data, `$$` the context object. */
export interface PathRoots {
  readonly data: unknown;
  readonly context: unknown;
}

/** What a path yields; nothing found is told apart from a null that was found. */
export type Found = { readonly found: true; readonly value: unknown } | { readonly found: false };

/**
 * A JSONPath. Its definite part (names and indexes) must exist in the data; what may select several values (`*`, `..`, unions,
 * slices) yields an array of them, which may be empty. Filters, scripts and functions are refused.
 */
export class Path {
  /** Reads a path, or throws an Error that says what is wrong with it. */
  public static parse(text: string): Path {
    if (!text.startsWith('$')) throw new Error(`'${text}' is not a path: it does not begin with '$'`);
    const onContext = text.startsWith('$$');
    const steps: (string | number)[] = [];
    const definite: Selector[] = [];
    const several: Selector[] = [];
    for (let position = onContext ? 2 : 1; position < text.length;) {
      const selector = selectorAt(text, position);
      if (!selector) throw new Error(`'${text}' is not a path this interpreter knows: it stops at '${text.slice(position)}'`);
      if (selector.step !== undefined && several.length === 0) {
        steps.push(selector.step);
        definite.push(selector.select);
      } else {
        several.push(selector.select);
      }
      position = selector.end;
    }
    return new Path(text, onContext, steps, definite, several);
  }

  /** Reads a reference path: one that names exactly one place (no wildcards, slices or negative indexes). */
  public static parseReference(text: string): Path {
    const path = Path.parse(text);
    if (path.several.length > 0 || path.steps.some((step) => typeof step === 'number' && step < 0)) {
      throw new Error(`'${text}' is not a reference path: it may select several values or counts from the end`);
    }
    return path;
  }

  private constructor(
    public readonly text: string,
    public readonly onContext: boolean,
    /** Names and indexes of the definite part. */
    public readonly steps: readonly (string | number)[],
    private readonly definite: readonly Selector[],
    private readonly several: readonly Selector[],
  ) {}

  /** Looks the path up. */
  public find(roots: PathRoots): Found {
    const root = [this.onContext ? roots.context : roots.data];
    const place = this.definite.reduce(selectBelow, root);
    if (place.length === 0) return { found: false };
    return { found: true, value: this.several.length === 0 ? place[0] : this.several.reduce(selectBelow, place) };
  }

  /** The value the path yields; a path that finds nothing is States.Runtime. */
  public get(roots: PathRoots, field: string): unknown {
    const result = this.find(roots);
    if (!result.found) {
      const data = JSON.stringify(this.onContext ? roots.context : roots.data).slice(0, 1000);
      throw runtimeError(`the JSONPath '${this.text}' specified for the field '${field}' could not be found in the input '${data}'`);
    }
    return result.value;
  }
}

function selectBelow(values: readonly unknown[], select: Selector): unknown[] {
  return values.flatMap((value) => select(value));
}
