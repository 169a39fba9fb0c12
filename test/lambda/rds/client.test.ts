import { lookup } from 'node:dns/promises';
import http from 'node:http';
import { type AddressInfo } from 'node:net';
import { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { send } from '../../../lambda/rds/client';

/** What becomes of a request that is answered like this. */
async function answered(status: number, body: string): Promise<Error> {
  const server = http.createServer((_request, response) => { response.writeHead(status).end(body); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  const client = new RDSClient({ region: 'eu-central-1', endpoint: `http://127.0.0.1:${port}`, maxAttempts: 1, credentials: { accessKeyId: 'A', secretAccessKey: 'B' } });
  try {
    return await thrownBy(send(() => client.send(new DescribeDBClustersCommand({}))));
  } finally {
    client.destroy();
    await new Promise((resolve) => { server.close(resolve); });
  }
}

async function thrownBy(promise: Promise<unknown>): Promise<Error> {
  return promise.then(() => { throw new Error('nothing was thrown'); }, (thrown: Error) => thrown);
}

function failure(code: string): string {
  return `<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;
}

test.each([
  [503, '<html>Service Unavailable</html>'], [502, ''], [500, failure('InternalError')], [429, failure('TooManyRequestsException')], [400, failure('Throttling')], [400, failure('RequestLimitExceeded')],
])('an answer %i %s passes by itself', async (status, body) => {
  expect(await answered(status, body)).toMatchObject({ name: 'RdsBusy', message: expect.stringMatching(/^RDS did not serve the request .*this passes by itself$/s) as string });
});

test.each([[400, failure('InvalidParameterValue')], [403, failure('AccessDenied')]])('an answer %i %s does not', async (status, body) => {
  expect((await answered(status, body)).name).not.toBe('RdsBusy');
});

test('a name that cannot be resolved at this moment passes by itself', async () => {
  expect(await thrownBy(send(() => lookup('rds.eu-central-1.invalid')))).toMatchObject({ name: 'RdsBusy', message: expect.stringMatching(/\((?:ENOTFOUND|EAI_AGAIN): /) as string });
});

test('a connection that timed out passes by itself', async () => {
  const timedOut = Object.assign(new Error('connect ETIMEDOUT 10.0.0.1:443'), { code: 'ETIMEDOUT' });
  expect(await thrownBy(send(() => Promise.reject(timedOut)))).toMatchObject({ name: 'RdsBusy' });
});
