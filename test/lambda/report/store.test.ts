import http from 'node:http';
import { type AddressInfo } from 'node:net';
import { storeReport } from '../../../lambda/report/store';
import { settingsOf } from '../shared/event';
import { exampleReport } from './report-example';

/** What S3 was asked for: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
interface Put {
  readonly what: string;
  readonly type: string | undefined;
  readonly body: string;
}

let server: http.Server;
let puts: Put[] = [];
let refuse = false;

beforeAll(async () => {
  server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      puts.push({ what: `${request.method} ${request.url?.split('?')[0]}`, type: request.headers['content-type'], body: Buffer.concat(parts).toString('utf8') });
      if (refuse) response.writeHead(403, { 'Content-Type': 'application/xml' }).end('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>');
      else response.writeHead(200, { ETag: '"1"' }).end();
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIDTEST', AWS_SECRET_ACCESS_KEY: 'secret',
  });
});
afterAll(() => new Promise((resolve) => { server.close(resolve); }));
beforeEach(() => { puts = []; refuse = false; });

const settings = settingsOf({ reportBucket: 'reports' });

test('the report is stored as a page and as JSON, in a folder of the execution', async () => {
  const report = exampleReport();
  expect(await storeReport(report, settings)).toEqual(['the report is in s3://reports/shop-utf8mb4/night-1/ (report.html, report.json)']);
  expect(puts.map(({ what, type }) => [what, type])).toEqual([
    ['PUT /reports/shop-utf8mb4/night-1/report.json', 'application/json'],
    ['PUT /reports/shop-utf8mb4/night-1/report.html', 'text/html; charset=utf-8'],
  ]);
  expect(puts[0]?.body).toContain('"rowsCompared": 3000000');
});

test('the report of a retirement does not replace the one of the switchover', async () => {
  expect(await storeReport({ ...exampleReport(), retired: true }, settings)).toEqual(['the report is in s3://reports/shop-utf8mb4/night-1/ (retirement.html, retirement.json)']);
  expect(puts.map(({ what }) => what)).toEqual(['PUT /reports/shop-utf8mb4/night-1/retirement.json', 'PUT /reports/shop-utf8mb4/night-1/retirement.html']);
});

test('a bucket that refuses is a remark, not a failure', async () => {
  refuse = true;
  expect(await storeReport(exampleReport(), settings)).toEqual([expect.stringMatching(/^the report could not be written to s3:\/\/reports\/.* \(Access Denied\)/)]);
});

test('without a bucket nothing is stored', async () => {
  expect(await storeReport(exampleReport(), settingsOf())).toEqual([]);
  expect(puts).toEqual([]);
});
