import { DeploymentTag, EnvironmentName, ErrorName } from '../../../lib/private/contract';

const names = Object.entries(ErrorName);

test('every error has a name of its own', () => {
  expect(new Set(Object.values(ErrorName)).size).toBe(names.length);
});

test.each(names)('%s is a name that a state machine can match: %s', (_, name) => {
  expect(name).toMatch(/^[A-Z][a-z][a-zA-Z]+$/);
  // Step Functions cuts what is longer.
  expect(name.length).toBeLessThanOrEqual(256);
  expect(name).not.toMatch(/^(States|Lambda|Runtime|Sandbox)/);
});

test('tags are ones that RDS takes, each once', () => {
  const tags = Object.values(DeploymentTag);
  expect(new Set(tags).size).toBe(tags.length);
  for (const tag of tags) expect(tag).toMatch(/^(?!aws:|rds:)[\w .:/=+@-]{1,128}$/);
});

test('environment variables are none that Lambda keeps for itself', () => {
  for (const name of Object.values(EnvironmentName)) expect(name).toMatch(/^(?!AWS_|LAMBDA_|_)[A-Z_]+$/);
});
