import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type PipelineSettings } from '../../lib/private/contract';
import { messageOf } from '../shared/errors';
import { log } from '../shared/log';
import { type Report } from './content';
import { reportPage } from './page';

/**
 * Writes the report as JSON and as a page into the bucket the user has given. By then everything is done, so a bucket that refuses is worth a
 * remark and not a failure: the output of the execution has the same content.
 *
 * @returns where it is, or why it is not there; nothing where no bucket was given.
 */
export async function storeReport(report: Report, { reportBucket, deploymentName }: PipelineSettings): Promise<string[]> {
  if (reportBucket === undefined) return [];
  const folder = `${deploymentName}/${report.execution.split(':').at(-1)}`;
  // one that only knows of a retirement must not take the place of the one that knows of the switchover before it.
  const name = report.retired ? 'retirement' : 'report';
  const client = new S3Client({ maxAttempts: 3, forcePathStyle: process.env.AWS_ENDPOINT_URL_S3 !== undefined });
  try {
    await client.send(new PutObjectCommand({ Bucket: reportBucket, Key: `${folder}/${name}.json`, Body: `${JSON.stringify(report, null, 2)}\n`, ContentType: 'application/json' }));
    await client.send(new PutObjectCommand({ Bucket: reportBucket, Key: `${folder}/${name}.html`, Body: reportPage(report), ContentType: 'text/html; charset=utf-8' }));
    return [`the report is in s3://${reportBucket}/${folder}/ (${name}.html, ${name}.json)`];
  } catch (thrown) {
    log.warn('the report could not be stored', { thrown });
    return [`the report could not be written to s3://${reportBucket}/${folder}/ (${messageOf(thrown)}): the output of the execution has the same content`];
  } finally {
    client.destroy();
  }
}
