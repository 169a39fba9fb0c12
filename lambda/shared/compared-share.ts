import { type PipelineSettings } from '../../lib/private/contract';

/** The part of each table that is compared, from 0 (nothing) to 1 (everything). */
export function comparedShare({ comparison }: Pick<PipelineSettings, 'comparison'>): number {
  if (comparison?.kind === 'off') return 0;
  return comparison?.kind === 'sample' ? comparison.share ?? 1 : 1;
}

/** `a sample of about 25 % of each table`. */
export function sampleInWords(share: number): string {
  return `a sample of about ${Math.round(share * 10_000) / 100} % of each table`;
}
