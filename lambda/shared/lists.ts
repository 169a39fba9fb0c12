/** How a list is cut. */
export interface Cut {
  /** @default 8 */
  readonly most?: number;
  /** @default ', ' */
  readonly separator?: string;
}

/** Some of many, as a sentence names them: `a, b, … and 4 more`. */
export function someOf(items: readonly string[], { most = 8, separator = ', ' }: Cut = {}): string {
  const more = items.length > most ? [`… and ${items.length - most} more`] : [];
  return [...items.slice(0, most), ...more].join(separator);
}
