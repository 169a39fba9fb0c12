import { Token } from 'aws-cdk-lib';
import { Migration } from '../../lib';

const token = Token.asString({ Ref: 'Database' }, { displayHint: 'd'.repeat(90) });

describe('convertCharacterSet', () => {
  test('keeps what it was given, whatever becomes of the list', () => {
    const databases = ['shop', 'Shop'];
    const migration = Migration.convertCharacterSet({ databases, collations: { utf8mb3_general_ci: 'utf8mb4_0900_ai_ci' } });
    databases.pop();
    expect(migration._settings).toEqual({
      kind: 'convertCharacterSet', databases: ['shop', 'Shop'], collations: { utf8mb3_general_ci: 'utf8mb4_0900_ai_ci' }, deferredIndexes: { leastBytes: 8388608 },
      applier: 'running',
    });
  });

  test('takes names that are known only at deployment', () => {
    expect(() => Migration.convertCharacterSet({ databases: ['shop', token], collations: { utf8mb3_bin: token } })).not.toThrow();
  });

  test('fails for a list that is known only at deployment', () => {
    expect(() => Migration.convertCharacterSet({ databases: Token.asList({ Ref: 'Databases' }) }))
      .toThrow(/^'databases' should be known at synthesis, got a token for the whole list; write the names one by one/);
  });

  test('fails without databases', () => {
    expect(() => Migration.convertCharacterSet({ databases: [] })).toThrow(`'databases' should name at least one database, got none; use Migration.none() to change nothing`);
  });

  test.each(['', 'd'.repeat(65)])('fails for the name %p', (database) => {
    expect(() => Migration.convertCharacterSet({ databases: [database] })).toThrow(`'databases' should hold names of 1 to 64 characters, got '${database}'`);
  });

  test.each(['mysql', 'information_schema', 'INFORMATION_SCHEMA', 'performance_schema', 'sys', 'blue_green_pipeline'])('fails for %s', (database) => {
    expect(() => Migration.convertCharacterSet({ databases: ['shop', database] }))
      .toThrow(`'databases' should hold your own databases, got '${database}', which belongs to the server or to the pipeline`);
  });

  test('fails for a database named twice', () => {
    expect(() => Migration.convertCharacterSet({ databases: ['shop', 'crm', 'shop'] })).toThrow(`'databases' should name each database once, got 'shop' twice`);
  });

  test.each(['utf8mb3_bin', 'utf8mb4', 'utf8mb4_bin; DROP', ''])('fails for the collation %p', (to) => {
    expect(() => Migration.convertCharacterSet({ databases: ['shop'], collations: { utf8mb3_general_ci: to } }))
      .toThrow(`'collations' should lead to collations of utf8mb4 (utf8mb4_…), got '${to}' for 'utf8mb3_general_ci'`);
  });
});

test('none changes nothing', () => {
  expect(Migration.none()._settings).toEqual({ kind: 'none' });
});
