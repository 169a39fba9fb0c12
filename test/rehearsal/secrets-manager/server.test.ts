import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SecretsManager, type SecretsManagerOptions } from '../../../rehearsal/secrets-manager/server';

const arn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/login-a1B2c3';
const login = '{"username":"admin","password":"秘密"}';

let service: SecretsManager;
let client: SecretsManagerClient;

afterEach(async () => {
  client.destroy();
  await service.close();
});

async function start(options: Partial<SecretsManagerOptions> = {}): Promise<void> {
  service = await SecretsManager.start({ secrets: new Map([[arn, login], ['by-name', 'plain']]), account: '111122223333', region: 'eu-central-1', ...options });
  client = new SecretsManagerClient({
    endpoint: service.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'ASIATASK', secretAccessKey: 'secret', sessionToken: 'token' },
    maxAttempts: 1,
  });
}

const get = (SecretId: string, more: { VersionId?: string; VersionStage?: string } = {}) => client.send(new GetSecretValueCommand({ SecretId, ...more }));

const post = (body: string, headers: Record<string, string> = {}) => fetch(service.endpoint, {
  method: 'POST',
  body,
  headers: {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'secretsmanager.GetSecretValue',
    'authorization': 'AWS4-HMAC-SHA256 Credential=ASIATASK/20260101/eu-central-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0',
    ...headers,
  },
});

describe('GetSecretValue', () => {
  test.each([
    ['its name', 'prod/login'],
    ['its ARN', arn],
    ['its ARN without the six characters', arn.slice(0, -7)],
  ])('finds a secret by %s', async (_, id) => {
    await start();
    expect(await get(id)).toMatchObject({
      ARN: arn, Name: 'prod/login', SecretString: login, VersionStages: ['AWSCURRENT'], VersionId: expect.any(String), CreatedDate: expect.any(Date),
    });
  });

  test('a secret given by name gets an ARN that finds it', async () => {
    await start();
    const { ARN = '' } = await get('by-name');
    expect(ARN).toMatch(/^arn:aws:secretsmanager:eu-central-1:111122223333:secret:by-name-\w{6}$/);
    expect(await get(ARN)).toMatchObject({ SecretString: 'plain' });
  });

  test('a secret given by an ARN without the six characters gets them', async () => {
    await start({ secrets: new Map([['arn:aws:secretsmanager:us-west-2:444455556666:secret:prod/other', 'x']]) });
    expect(await get('prod/other')).toMatchObject({ ARN: expect.stringMatching(/^arn:aws:secretsmanager:us-west-2:444455556666:secret:prod\/other-\w{6}$/) });
  });

  test('a changed secret keeps its ARN and gets a new version', async () => {
    await start();
    const before = await get('prod/login');
    service.setSecret('prod/login', 'rotated');
    const after = await get(arn);
    expect(after).toMatchObject({ ARN: arn, SecretString: 'rotated' });
    expect(after.VersionId).not.toBe(before.VersionId);
    expect(await get(arn, { VersionId: after.VersionId, VersionStage: 'AWSCURRENT' })).toMatchObject({ SecretString: 'rotated' });
    await expect(get(arn, { VersionId: before.VersionId })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(get(arn, { VersionStage: 'AWSPREVIOUS' })).rejects.toMatchObject({
      message: 'Secrets Manager can\'t find the specified secret value for staging label: AWSPREVIOUS',
    });
  });

  test('an unknown secret is ResourceNotFoundException', async () => {
    await start();
    await expect(get('other')).rejects.toMatchObject({
      name: 'ResourceNotFoundException', message: 'Secrets Manager can\'t find the specified secret.', $metadata: { httpStatusCode: 400 },
    });
  });

  test('permission is asked with access key, action and complete ARN', async () => {
    const asked: unknown[] = [];
    await start({ authorize: (...request) => { asked.push(request); return false; } });
    await expect(get('prod/login')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: ASIATASK is not authorized to perform: secretsmanager:GetSecretValue on resource: ${arn} because no identity-based policy allows the secretsmanager:GetSecretValue action`,
    });
    await expect(get('other')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(asked[0]).toEqual(['ASIATASK', 'secretsmanager:GetSecretValue', [arn]]);
  });
});

describe('the protocol', () => {
  test('another operation is refused', async () => {
    await start();
    await expect(client.send(new ListSecretsCommand({}))).rejects.toMatchObject({ name: 'UnknownOperationException', message: expect.stringContaining('ListSecrets') });
  });

  test.each([
    ['an unknown member', '{"SecretId":"prod/login","Secret":"x"}', {}, 'SerializationException', /the member 'Secret', which the schema does not know/],
    ['a wrong type', '{"SecretId":1}', {}, 'SerializationException', /'GetSecretValueRequest.SecretId' has a value the schema does not allow: 1/],
    ['no JSON', 'SecretId=x', {}, 'SerializationException', /JSON/],
    ['a list', '[]', {}, 'SerializationException', /should be an object/],
    ['no secret', '{}', {}, 'ValidationException', /SecretId/],
    ['another content type', '{"SecretId":"x"}', { 'content-type': 'application/json' }, 'SerializationException', /content type/],
    ['no signature', '{"SecretId":"x"}', { authorization: '' }, 'MissingAuthenticationTokenException', /Authentication Token/],
  ])('%s is refused', async (_, body, headers, code, message) => {
    await start();
    const response = await post(body, headers as Record<string, string>);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ __type: code, Message: expect.stringMatching(message) });
  });
});
