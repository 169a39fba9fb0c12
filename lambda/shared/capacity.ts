import { type PipelineSettings } from '../../lib/private/contract';
import { type WriterFacts } from './state';

const GIBIBYTE = 1024 ** 3;
/** What the smallest classes have, and the guess where nobody knows the class. */
const LEAST_STORAGE_GIB = 32;
const STORAGE_GIB_PER_VCPU = 20;
/** Aurora Serverless: a capacity unit is 2 GiB of memory, and the memory-optimised classes have 8 GiB for each vCPU. */
const CAPACITY_UNITS_PER_VCPU = 4;
const MOST_WORKERS = 8;

/** Workers where nobody knows the class of Green's writer, and the least there are unless somebody chooses. */
export const STANDARD_WORKERS = 2;
/** Room for building indexes where nobody knows the class: half of what the smallest have, in bytes. */
export const STANDARD_ROOM_BYTES = LEAST_STORAGE_GIB / 2 * GIBIBYTE;

/** What decides besides the construct. */
interface Deciding {
  /** What the execution has chosen. */
  readonly workers: number | null;
  /** Null before Green is there. */
  readonly writer: WriterFacts | null;
}

/**
 * Settles what the construct leaves open, from what Green's writer can do.
 *
 * Workers: half its vCPUs, 2 to 8. An ALTER that copies uses one vCPU, and Green serves nobody; the other half is for the applier, the threads that sort
 * indexes, and InnoDB's own. On 2 vCPUs, two at once are faster than one, because each waits for storage now and then. More than 8 share the room for
 * sorting into parts too small for large tables, and the largest table decides when all is done anyway.
 *
 * Room for building indexes: half of the writer's temporary storage.
 */
export function sized(settings: PipelineSettings, { workers, writer }: Deciding): PipelineSettings {
  const { migration } = settings;
  const all = { ...settings, workers: workers ?? settings.workers ?? standardWorkers(vcpusOf(writer)) };
  if (migration.kind !== 'convertCharacterSet') return all;
  const roomBytes = temporaryStorageGib(writer) / 2 * GIBIBYTE;
  return { ...all, migration: { ...migration, deferredIndexes: { roomBytes, ...migration.deferredIndexes } } };
}

/**
 * The vCPUs of an instance, by the size in its class's name, which is the same in every family: db.r6g.large 2, .xlarge 4, .2xlarge 8, ….
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.Summary.html
 */
export function vcpusOf(writer: WriterFacts | null): number | undefined {
  if (writer === null) return undefined;
  if (writer.instanceClass === 'db.serverless') return writer.maxCapacityUnits === null ? undefined : writer.maxCapacityUnits / CAPACITY_UNITS_PER_VCPU;
  const [, multiple, size] = /^db\.\w+\.(\d*)(x?large|medium|small)$/.exec(writer.instanceClass) ?? [];
  if (size === undefined) return undefined;
  return size === 'xlarge' ? 4 * Number(multiple === '' ? 1 : multiple) : 2;
}

function standardWorkers(vcpus = 0): number {
  return Math.min(MOST_WORKERS, Math.max(STANDARD_WORKERS, Math.floor(vcpus / 2)));
}

/**
 * "Temporary storage limits for Aurora MySQL": 20 GiB for each vCPU of the memory-optimised classes from xlarge on (80, 160, 320, …), 32 GiB below it.
 * Serverless instances are not in the table.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Managing.Performance.html
 */
export function temporaryStorageGib(writer: WriterFacts | null): number {
  const isListed = writer !== null && /^db\.[rx]\w+\.\d*xlarge$/.test(writer.instanceClass);
  return isListed ? STORAGE_GIB_PER_VCPU * (vcpusOf(writer) ?? 0) : LEAST_STORAGE_GIB;
}
