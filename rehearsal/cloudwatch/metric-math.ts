/** A value for each period, by the moment at which the period begins (milliseconds); absent where there is none. */
export type Series = ReadonlyMap<number, number>;

/**
 * Evaluates a metric math expression: numbers, metrics by their ids, `+ - * /`, comparisons, AND, OR, IF and DIFF. Where one of its operands has no
 * value, a moment has none, as in CloudWatch. Whatever else there is in metric math is refused.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function evaluate(expression: string, metrics: Readonly<Record<string, Series>>, times: readonly number[]): Series {
  return new MetricMath(expression, metrics, times).evaluate();
}

type Operation = (left: number, right: number) => number;

const truth = (holds: boolean): number => (holds ? 1 : 0);

/** From the weakest to the strongest. */
const PRECEDENCE: readonly Readonly<Record<string, Operation>>[] = [
  { OR: (left, right) => truth(left !== 0 || right !== 0) },
  { AND: (left, right) => truth(left !== 0 && right !== 0) },
  {
    '<': (left, right) => truth(left < right), '<=': (left, right) => truth(left <= right), '>': (left, right) => truth(left > right),
    '>=': (left, right) => truth(left >= right), '==': (left, right) => truth(left === right), '!=': (left, right) => truth(left !== right),
  },
  { '+': (left, right) => left + right, '-': (left, right) => left - right },
  { '*': (left, right) => left * right, '/': (left, right) => left / right },
];

class MetricMath {
  private readonly tokens: string[];

  constructor(
    private readonly expression: string,
    private readonly metrics: Readonly<Record<string, Series>>,
    private readonly times: readonly number[],
  ) {
    this.tokens = expression.match(/\d+(?:\.\d+)?|\w+|[<>=!]=|\S/g) ?? [];
  }

  public evaluate(): Series {
    const result = this.binary(0);
    if (this.tokens.length > 0) throw this.refusal();
    return result;
  }

  private binary(level: number): Series {
    const operations = PRECEDENCE[level];
    if (operations === undefined) return this.operand();
    let left = this.binary(level + 1);
    for (let operation = operations[this.tokens[0] ?? '']; operation !== undefined; operation = operations[this.tokens[0] ?? '']) {
      this.tokens.shift();
      const [one, other, apply] = [left, this.binary(level + 1), operation];
      left = this.each((time) => {
        const [a, b] = [one.get(time), other.get(time)];
        return a === undefined || b === undefined ? undefined : apply(a, b);
      });
    }
    return left;
  }

  private operand(): Series {
    const token = this.tokens.shift() ?? '';
    if (/^\d/.test(token)) return this.each(() => Number(token));
    if (token === '(') {
      const inner = this.binary(0);
      this.take(')');
      return inner;
    }
    if (token === 'IF') return this.choice(...this.list(3));
    if (token === 'DIFF') return this.difference(...this.list(1));
    const metric = this.metrics[token];
    if (metric === undefined) throw this.refusal();
    return metric;
  }

  private list(length: number): Series[] {
    this.take('(');
    const found = [this.binary(0)];
    while (this.tokens[0] === ',') {
      this.tokens.shift();
      found.push(this.binary(0));
    }
    this.take(')');
    if (found.length !== length) throw this.refusal();
    return found;
  }

  private choice(...[condition, then, otherwise]: readonly Series[]): Series {
    return this.each((time) => {
      const holds = condition?.get(time);
      return holds === undefined ? undefined : (holds === 0 ? otherwise : then)?.get(time);
    });
  }

  /** The difference to the value before; the first has none. */
  private difference(...[series]: readonly Series[]): Series {
    let before: number | undefined;
    return this.each((time) => {
      const [value, previous] = [series?.get(time), before];
      before = value ?? before;
      return value === undefined || previous === undefined ? undefined : value - previous;
    });
  }

  private each(value: (time: number) => number | undefined): Series {
    const found = this.times.map((time): [number, number | undefined] => [time, value(time)]);
    return new Map(found.filter((entry): entry is [number, number] => entry[1] !== undefined));
  }

  private take(token: string): void {
    if (this.tokens.shift() !== token) throw this.refusal();
  }

  private refusal(): Error {
    return new Error(`the rehearsal cannot evaluate '${this.expression}' from '${this.tokens.join(' ')}' on`);
  }
}
