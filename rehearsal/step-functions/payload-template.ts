import { parseExpression } from './intrinsics';
import { isObject } from './json';
import { type PathRoots } from './path';

/** `Parameters` or `ResultSelector`: a JSON object in which keys that end in `.$` are computed. */
export class PayloadTemplate {
  /** Reads the template; whatever is wrong with it is handed to `report`. */
  public static parse(value: unknown, field: string, report: (problem: string) => void): PayloadTemplate {
    return new PayloadTemplate(compile(value, field, report));
  }

  private constructor(private readonly build: (roots: PathRoots) => unknown) {}

  /** The payload; a path that finds nothing is States.Runtime. */
  public evaluate(roots: PathRoots): unknown {
    return this.build(roots);
  }
}

function compile(value: unknown, where: string, report: (problem: string) => void): (roots: PathRoots) => unknown {
  if (Array.isArray(value)) {
    const elements = value.map((element: unknown, index) => compile(element, `${where}[${index}]`, report));
    return (roots) => elements.map((element) => element(roots));
  }
  if (!isObject(value)) return () => value;
  const members = Object.entries(value).map(([key, member]) => compileMember(key, member, where, report));
  const names = members.map((member) => member.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) report(`'${where}' has both '${twice}' and '${twice}.$'`);
  return (roots) => Object.fromEntries(members.map((member) => [member.name, member.build(roots)]));
}

function compileMember(key: string, member: unknown, where: string, report: (problem: string) => void): { name: string; build: (roots: PathRoots) => unknown } {
  if (!key.endsWith('.$')) return { name: key, build: compile(member, `${where}.${key}`, report) };
  const name = key.slice(0, -2);
  try {
    if (typeof member !== 'string') throw new Error(`a path or an intrinsic function is needed, got ${JSON.stringify(member)}`);
    const expression = parseExpression(member);
    return { name, build: (roots) => expression.evaluate(roots, key) };
  } catch (error) {
    report(`'${where}.${key}': ${(error as Error).message}`);
    return { name, build: () => null };
  }
}
