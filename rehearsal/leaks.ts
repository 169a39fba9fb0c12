/** Looks for secrets where none may be: in logs, states, errors and reports. */
export class Leaks {
  private readonly secrets = new Set<string>();
  private readonly places = new Set<string>();

  /** @param secret at least 8 characters; what is shorter may stand anywhere by chance. */
  public watch(secret: string): void {
    if (secret.length >= 8) this.secrets.add(secret);
  }

  /** Looks at a text. */
  public lookAt(where: string, text: string): void {
    if ([...this.secrets].some((secret) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1)))) this.places.add(where);
  }

  /** Where a secret was seen; never the secret itself. */
  public get found(): readonly string[] {
    return [...this.places];
  }

  /** @throws Error that lists the places. */
  public mustBeNone(): void {
    if (this.places.size > 0) throw new Error(`the password of the database stands in ${this.found.join(', ')}: it must never leave the function that logs in`);
  }
}
