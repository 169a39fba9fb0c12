import { type JsonObject } from './json';

/** Hands out the fields of a definition's object one by one; what nobody took is a field this interpreter does not know. */
export class Fields {
  private readonly left: Set<string>;

  /** @param where what the object is, for messages: `state 'Read Input'` */
  constructor(private readonly object: JsonObject, private readonly where: string, private readonly problems: string[]) {
    this.left = new Set(Object.keys(object));
  }

  /** Notes that something about this object is wrong. */
  public report(problem: string): void {
    this.problems.push(`${this.where}: ${problem}`);
  }

  /** Whether the field is there (null counts). */
  public has(name: string): boolean {
    return Object.hasOwn(this.object, name);
  }

  /** The field's value as it is. */
  public take(name: string): unknown {
    this.left.delete(name);
    return this.has(name) ? this.object[name] : undefined;
  }

  /** The field's text; undefined where it is absent, or (reported) no text. */
  public text(name: string): string | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === 'string') return value;
    this.report(`'${name}' has to be a string, got ${JSON.stringify(value)}`);
    return undefined;
  }

  /** The field's text; an absent one is reported, too. */
  public requiredText(name: string): string {
    if (!this.has(name)) this.report(`'${name}' is missing`);
    return this.text(name) ?? '';
  }

  /** The field's integer within the bounds; undefined where it is absent, or (reported) something else. */
  public integer(name: string, minimum: number, maximum: number): number | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    this.report(`'${name}' has to be an integer from ${minimum} to ${maximum}, got ${JSON.stringify(value)}`);
    return undefined;
  }

  /** Reads the field's text with a parser whose errors are reported; undefined where it is absent or wrong. */
  public parsed<T>(name: string, parse: (text: string) => T): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    try {
      return parse(text);
    } catch (error) {
      this.report(`'${name}': ${(error as Error).message}`);
      return undefined;
    }
  }

  /** As `parsed`, for fields whose null means "discard". */
  public parsedOrNull<T>(name: string, byDefault: T, parse: (text: string) => T): T | null {
    if (this.has(name) && this.object[name] === null) return this.take(name) as null;
    return this.parsed(name, parse) ?? byDefault;
  }

  /** The field's elements; empty where it is absent or (reported) no array. */
  public list(name: string): readonly unknown[] {
    const value = this.take(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    this.report(`'${name}' has to be an array, got ${JSON.stringify(value)}`);
    return [];
  }

  /** Reports every field that was not taken. */
  public done(): void {
    for (const name of this.left) this.report(`this interpreter does not know the field '${name}' here`);
  }
}
