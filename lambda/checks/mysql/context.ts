import { type PipelineSettings } from '../../../lib/private/contract';
import { type Session } from '../../mysql/session';
import { type InstanceAddress, type Situation, type WriterFacts } from '../../shared/state';
import { type Scope } from '../check';

/** What the checks of the database zone look at. */
export interface MysqlContext {
  readonly settings: PipelineSettings;
  readonly situation: Situation;
  /** Logged in to the blue environment (after the switchover: to the old Blue). */
  readonly blue: Session;
  /** Once Green exists (after the switchover: production). */
  readonly green?: Session;
}

/** Production after the switchover; the old Blue may be gone. */
export type ProductionContext = Pick<GreenContext, 'green' | 'settings' | 'situation'>;

/** What is asked of every instance of an old Blue, one after the other: none of our own sessions may be open there meanwhile. */
export interface OldBlueContext {
  readonly instances: readonly InstanceAddress[];
}

/** The same once Green exists (after the switchover: production). */
export interface GreenContext extends MysqlContext {
  readonly green: Session;
  /** What Green's writer can do; null where nobody knows. @default null */
  readonly writer?: WriterFacts | null;
  /** The moment of the flow. @default 'before-switchover' */
  readonly scope?: Scope;
}

/** The databases whose schema the migration changes. */
export function changedDatabasesOf({ migration }: PipelineSettings): readonly string[] {
  switch (migration.kind) {
    case 'none':
      return [];
    case 'convertCharacterSet':
      return migration.databases;
    case 'sqlFiles':
      return [migration.database, ...migration.others];
  }
}

/** The databases the migration converts. */
export function databasesOf({ migration }: PipelineSettings): readonly string[] {
  return migration.kind === 'convertCharacterSet' ? migration.databases : [];
}
