/** Quotas of a standard workflow (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html). */

/** Events an execution may have, redrives included; the last one is the event that ends it. */
export const MAX_HISTORY_EVENTS = 25_000;
/** Bytes of UTF-8 a state's input, output or a task's result may have. */
export const MAX_PAYLOAD_BYTES = 262_144;
/** The longest wait, timeout or retry interval, in seconds. */
export const MAX_SECONDS = 99_999_999;
/** Characters of a state's or an execution's name. */
export const MAX_NAME_LENGTH = 80;
/** Characters of an error's name. */
export const MAX_ERROR_LENGTH = 256;
/** Characters of an error's cause. */
export const MAX_CAUSE_LENGTH = 32_768;
/** Characters of a definition (1 MB). */
export const MAX_DEFINITION_LENGTH = 1_048_576;
/** Seconds after its end in which an execution may be redriven: 14 days. */
export const REDRIVABLE_SECONDS = 14 * 24 * 3600;
