import { Logger } from '@aws-lambda-powertools/logger';

/** Structured log lines; everything that does not fit into the state or an error message is written here in full. */
export const log = new Logger({ serviceName: 'cdk-rds-blue-green' });
