import { CfnParameter, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as rds from 'aws-cdk-lib/aws-rds';
import { BlueGreenSource } from '../../lib';
import { functionsOf, givenApp, givenCluster, givenPipeline, givenStack, settingsOf, VERSION_3 } from './stacks';

/** The cluster identifier the functions are told, inside the text of their settings. */
function toldTo(stack: Stack, source: BlueGreenSource): string {
  givenPipeline(stack, { source });
  return JSON.stringify(functionsOf(Template.fromStack(stack))['read-input'].Environment.Variables.PIPELINE_SETTINGS);
}

describe('cluster', () => {
  test('may be of the same stack', () => {
    const stack = givenStack();
    const told = toldTo(stack, BlueGreenSource.cluster(givenCluster(stack)));
    const [cluster] = Object.keys(Template.fromStack(stack).findResources('AWS::RDS::DBCluster'));
    expect(told).toContain(`{"Ref":"${cluster}"}`);
  });

  test('may be of another stack', () => {
    const app = givenApp();
    const cluster = givenCluster(new Stack(app, 'Data'));
    expect(toldTo(new Stack(app, 'Stack'), BlueGreenSource.cluster(cluster))).toMatch(/Fn::ImportValue.*Data:ExportsOutputRefDatabase/);
  });

  test('may be imported, and is called as RDS calls it', () => {
    const stack = givenStack();
    givenPipeline(stack, { source: BlueGreenSource.cluster(rds.DatabaseCluster.fromDatabaseClusterAttributes(stack, 'Shop', { clusterIdentifier: 'Shop-1' })) });
    expect(settingsOf(Template.fromStack(stack)).clusterIdentifier).toBe('shop-1');
  });

  test('may come from a snapshot', () => {
    const stack = givenStack();
    const cluster = new rds.DatabaseClusterFromSnapshot(stack, 'Database', {
      engine: rds.DatabaseClusterEngine.auroraMysql({ version: VERSION_3 }),
      writer: rds.ClusterInstance.serverlessV2('Writer'),
      snapshotIdentifier: 'before',
      vpc: givenCluster(new Stack(givenApp())).vpc,
    });
    expect(() => BlueGreenSource.cluster(cluster)).not.toThrow();
  });

  test('fails where RDS manages the master password', () => {
    const cluster = givenCluster(givenStack());
    (cluster.node.defaultChild as rds.CfnDBCluster).manageMasterUserPassword = true;
    expect(() => BlueGreenSource.cluster(cluster))
      .toThrow(/^'cluster' should have a master password of its own, got 'Stack\/Database' with 'manageMasterUserPassword': .*use credentials such as Credentials.fromGeneratedSecret$/);
  });

  test('fails for another engine', () => {
    const engine = rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_6 });
    expect(() => BlueGreenSource.cluster(givenCluster(givenStack(), { engine })))
      .toThrow(`'cluster' should be an Aurora MySQL cluster, got 'Stack/Database' of engine 'aurora-postgresql'`);
  });
});

describe('clusterIdentifier', () => {
  test('is called as RDS calls it', () => {
    const stack = givenStack();
    givenPipeline(stack, { source: BlueGreenSource.clusterIdentifier('PROD-Shop1') });
    expect(settingsOf(Template.fromStack(stack)).clusterIdentifier).toBe('prod-shop1');
  });

  test('may be a parameter of the template', () => {
    const stack = givenStack();
    expect(toldTo(stack, BlueGreenSource.clusterIdentifier(new CfnParameter(stack, 'Cluster').valueAsString))).toContain('{"Ref":"Cluster"}');
  });

  test('may be a token that is longer than an identifier may be', () => {
    expect(() => BlueGreenSource.clusterIdentifier(Token.asString({ Ref: 'Cluster' }, { displayHint: 'c'.repeat(90) }))).not.toThrow();
  });

  test.each(['', '1shop', 'shop-', 'shop--1', 'shop_1', 'arn:aws:rds:eu-central-1:111122223333:cluster:shop', 'shop.cluster-x.eu-central-1.rds.amazonaws.com'])(
    'fails for %p', (identifier) => {
      expect(() => BlueGreenSource.clusterIdentifier(identifier))
        .toThrow(`'clusterIdentifier' should be the identifier of a DB cluster (letters, digits and single hyphens), got '${identifier}'`);
    },
  );

  test('fails for more than 63 characters', () => {
    expect(() => BlueGreenSource.clusterIdentifier('s'.repeat(63))).not.toThrow();
    expect(() => BlueGreenSource.clusterIdentifier('s'.repeat(64))).toThrow(/^'clusterIdentifier' should have at most 63 characters, got 64: 's+'$/);
  });
});
