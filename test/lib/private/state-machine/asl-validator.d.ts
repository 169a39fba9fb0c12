declare module 'asl-validator' {
  /** Judges a definition in the Amazon States Language; writes defaults into it. */
  export default function validate(definition: object): { readonly isValid: boolean; readonly errors: readonly unknown[] };
}
