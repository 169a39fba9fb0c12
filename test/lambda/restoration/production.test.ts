import { Ledger } from '../../../lambda/migration/ledger';
import { LEDGER_SCHEMA } from '../../../lambda/migration/worker-procedure';
import { Session } from '../../../lambda/mysql/session';
import { type RestoredProduction, restoreProduction } from '../../../lambda/restoration/production';
import { type ClusterFacts, type DeploymentFacts } from '../../../lambda/shared/state';
import { ErrorName, Phase, type PipelineSettings } from '../../../lib/private/contract';
import { binlogEnd, resetReplication, startReplication } from '../../../rehearsal/mysql';
import { openPair, type Pair } from '../helpers/pair';
import { settingsOf } from '../shared/event';

/** What the pipeline has raised it to, on Blue before Green was cloned. */
const RAISED = 72;
const LATER = `STARTS '2099-01-01 03:00:00'`;
/** Of a pipeline that makes Green's parameter group itself. */
const { targetClusterParameterGroup, ...WITHOUT_GROUP } = settingsOf();
const GROUP: PipelineSettings = { ...WITHOUT_GROUP, targetClusterParameterGroup };

let pair: Pair;

beforeAll(async () => { pair = await openPair(); });
afterAll(() => pair?.close());

beforeEach(async () => {
  if ((await pair.run('green', 'SHOW REPLICA STATUS')).length === 0) await startReplication(pair.green, pair.blue, await binlogEnd(pair.blue));
  await pair.run('blue', 'CREATE DATABASE shop', 'CREATE TABLE shop.t (id INT PRIMARY KEY)', `CALL mysql.rds_set_configuration('binlog retention hours', ${RAISED})`);
  await pair.caughtUp();
  // the parameter group has been restored before.
  await pair.run('green', `CALL mysql.rds_set_configuration('binlog retention hours', ${RAISED})`, `SET GLOBAL replica_type_conversions = ''`);
  await Session.use(pair.server('green'), async (green) => {
    const ledger = await Ledger.create(green, { planHash: 'plan', serverUuid: pair.green.serverUuid, replicaVisible: true });
    await ledger.replaceOpenSteps([{ kind: 'TABLE', unit: 1, unitBytes: 16_384, schema: 'shop', object: 't', bytes: 16_384, statement: 'ALTER TABLE shop.t FORCE' }]);
    const [step] = await ledger.steps('PENDING');
    await ledger.endScript(step?.id ?? 0);
  });
});

afterEach(async () => {
  await resetReplication(pair.green);
  await pair.run('blue', 'SET GLOBAL super_read_only = OFF', 'SET GLOBAL read_only = OFF', 'DROP DATABASE shop');
  await pair.run(
    'green', 'SET GLOBAL read_only = OFF', 'SET GLOBAL event_scheduler = OFF', 'DROP DATABASE shop', `DROP DATABASE IF EXISTS ${LEDGER_SCHEMA}`,
  );
});

/** Makes production of Green, as a switchover does. */
async function switchOver(): Promise<void> {
  await pair.caughtUp();
  await resetReplication(pair.green);
  await pair.run('blue', 'SET GLOBAL super_read_only = ON');
}

function cluster(identifier: string, server: { endpoint: string; port: number }): ClusterFacts {
  return {
    identifier, arn: `arn:aws:rds:eu-central-1:123456789012:cluster:${identifier}`, resourceId: `cluster-${identifier}`, status: 'available', engine: 'aurora-mysql',
    engineVersion: '8.0.mysql_aurora.3.08.0', parameterGroup: 'green', instances: [], ...server,
  };
}

/** Restores production, where this is what the deployment's tags remember of Blue. */
function restore(
  remembered: Partial<DeploymentFacts> = { binlogRetentionHours: null }, settings: PipelineSettings = WITHOUT_GROUP,
  old: { endpoint: string; port: number } | null = pair.server('blue'),
): Promise<RestoredProduction> {
  const deployment = { identifier: 'bgd-1', name: 'shop-utf8mb4', status: 'SWITCHOVER_COMPLETED', ...remembered };
  return restoreProduction({ phase: Phase.SWITCHED, deployment, source: old === null ? null : cluster('shop-old1', old), target: cluster('shop', pair.server('green')) }, settings);
}

/** Everything an event is, in the words of the server. */
function events(which: 'blue' | 'green'): Promise<{ name: string; status: string }[]> {
  return pair.run(
    which,
    `SELECT EVENT_NAME AS name, STATUS AS status, DEFINER, SQL_MODE, TIME_ZONE, EVENT_TYPE, EXECUTE_AT, INTERVAL_VALUE, INTERVAL_FIELD, STARTS, ENDS, ON_COMPLETION, EVENT_COMMENT,
            EVENT_DEFINITION, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION
       FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop' ORDER BY EVENT_NAME`,
  );
}

async function statuses(which: 'blue' | 'green'): Promise<Record<string, string>> {
  return Object.fromEntries((await events(which)).map(({ name, status }) => [name, status]));
}

async function retention(which: 'blue' | 'green'): Promise<string | null | undefined> {
  const [row] = await pair.run<{ value: string | null }>(which, `SELECT value FROM mysql.rds_configuration WHERE name = 'binlog retention hours'`);
  return row?.value;
}

async function hasLedger(): Promise<boolean> {
  return (await pair.run('green', `SHOW DATABASES LIKE '${LEDGER_SCHEMA.replaceAll('_', '\\_')}'`)).length > 0;
}

/** How the server calls an event that came by replication: SLAVESIDE_DISABLED until MySQL 8.2. */
const ARRIVED = /^(REPLICA_SIDE|SLAVESIDE)_DISABLED$/;

describe('events', () => {
  test('that were enabled on Blue are enabled again, with definer, SQL mode, time zone and character set as they were', async () => {
    await pair.run(
      'blue', `SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', time_zone = '+02:00'`, 'SET NAMES latin1',
      `CREATE DEFINER = "ba""tch"@"10.0.%" EVENT shop."nightly ""clean""-up" ON SCHEDULE EVERY 1 DAY ${LATER} ON COMPLETION PRESERVE COMMENT 'a\\b' DO DELETE FROM "shop"."t" WHERE id > 5`,
      `CREATE DEFINER = "admin"@"%" EVENT shop.once ON SCHEDULE AT '2099-01-01 00:00:00' DO INSERT INTO shop.t VALUES (1)`,
    );
    await switchOver();
    const arrived = await events('green');
    const { remarks, open } = await restore();

    expect(arrived.map(({ status }) => status)).toEqual([expect.stringMatching(ARRIVED), expect.stringMatching(ARRIVED)]);
    expect(await events('green')).toEqual(await events('blue'));
    expect(await statuses('green')).toEqual({ 'nightly "clean"-up': 'ENABLED', once: 'ENABLED' });
    expect(open).toEqual([]);
    expect(remarks).toEqual(expect.arrayContaining([
      expect.stringMatching(/^event shop\.nightly "clean"-up, which was enabled on Blue, was enabled again \(it was (REPLICA_SIDE|SLAVESIDE)_DISABLED\)$/),
      expect.stringMatching(/^event shop\.once, which was enabled on Blue, was enabled again/),
    ]));
  });

  test('that were altered on Blue while Green followed are enabled again', async () => {
    await pair.run('blue', `CREATE EVENT shop.changed ON SCHEDULE EVERY 1 DAY ${LATER} DO DO 1`);
    await pair.caughtUp();
    await pair.run('green', 'ALTER EVENT shop.changed ENABLE');
    await pair.run('blue', `ALTER DEFINER = admin@'%' EVENT shop.changed ON SCHEDULE EVERY 2 DAY ${LATER}`);
    await switchOver();
    expect(await statuses('green')).toEqual({ changed: expect.stringMatching(ARRIVED) as string });
    await restore();
    expect(await events('green')).toEqual(await events('blue'));
  });

  test('that were disabled on Blue stay so, and so do those that somebody has disabled or enabled on production', async () => {
    await pair.run('blue', ...['off_on_blue', 'off_later', 'off_on_production', 'on_on_production'].map((name) => `CREATE DEFINER = admin@'%' EVENT shop.${name} ON SCHEDULE EVERY 1 DAY ${LATER} DO DO 1`));
    await pair.run('blue', 'ALTER EVENT shop.off_on_blue DISABLE');
    await switchOver();
    await pair.run('blue', 'SET GLOBAL super_read_only = OFF', 'ALTER EVENT shop.off_later DISABLE', 'ALTER EVENT shop.on_on_production DISABLE', 'SET GLOBAL super_read_only = ON');
    await pair.run('green', 'ALTER EVENT shop.off_on_production DISABLE', 'ALTER EVENT shop.on_on_production ENABLE');
    const before = await events('green');
    const { remarks, open } = await restore();

    expect(await events('green')).toEqual(before);
    expect(await statuses('green')).toMatchObject({ off_on_production: 'DISABLED', on_on_production: 'ENABLED', off_later: expect.stringMatching(ARRIVED) as string });
    expect((await statuses('green')).off_on_blue).toMatch(/DISABLED$/);
    expect([remarks.join(), open]).toEqual([expect.not.stringContaining('event shop'), []]);
  });
});

describe('the binlog retention', () => {
  test('is put back on production; of the old Blue, which takes no writes, the report says how', async () => {
    await switchOver();
    const { remarks, open } = await restore({ binlogRetentionHours: 24 });
    expect([await retention('green'), await retention('blue')]).toEqual(['24', String(RAISED)]);
    expect(remarks).toEqual([
      `'binlog retention hours' was set back to 24 on production`,
      expect.stringMatching(/of the old Blue is still raised, because it is read-only .*super-read-only.*CALL mysql\.rds_set_configuration\('binlog retention hours', 24\) there after deleting the deployment$/),
    ]);
    expect(open).toEqual([]);
  });

  test('is put back on the old Blue, too, where that takes writes; NULL as well', async () => {
    await switchOver();
    await pair.run('blue', 'SET GLOBAL super_read_only = OFF');
    const { remarks } = await restore({ binlogRetentionHours: null });
    expect([await retention('green'), await retention('blue')]).toEqual([null, null]);
    expect(remarks).toEqual([`'binlog retention hours' was set back to NULL on production`, `'binlog retention hours' was set back to NULL on the old Blue`]);
  });

  test('is left alone, and reported, where nobody knows what it was', async () => {
    await switchOver();
    const { remarks, open } = await restore({});
    expect(await retention('green')).toBe(String(RAISED));
    expect([remarks, open]).toEqual([[`what 'binlog retention hours' was on Blue is not known; it was left as it is (${RAISED})`], []]);
  });
});

describe('the ledger', () => {
  test('is dropped last, and nothing else; the report keeps what it says', async () => {
    await switchOver();
    const { ledger } = await restore();
    expect(ledger).toMatchObject({ steps: 1, tables: 1, bytes: 16_384 });
    expect(await hasLedger()).toBe(false);
    expect(await pair.run('green', 'SHOW TABLES FROM shop')).toHaveLength(1);
  });

  test('stays as long as the parameter group has not brought everything back', async () => {
    await switchOver();
    await pair.run('green', `SET GLOBAL replica_type_conversions = 'ALL_NON_LOSSY'`);
    const remembered = { binlogRetentionHours: null, eventScheduler: 'ON' };
    const first = await restore(remembered, GROUP);
    expect(first).toMatchObject({
      ledger: null, open: [`replica_type_conversions is still 'ALL_NON_LOSSY' on production`, 'event_scheduler is OFF on production and was ON on Blue'],
    });
    expect(await hasLedger()).toBe(true);

    await pair.run('green', `SET GLOBAL replica_type_conversions = ''`, 'SET GLOBAL event_scheduler = ON');
    expect(await restore(remembered, GROUP)).toMatchObject({ ledger: { steps: 1 }, open: [] });
    expect(await hasLedger()).toBe(false);
  });

  test('does not wait for conversions that a group made from Blue\'s has kept from there', async () => {
    await switchOver();
    await pair.run('green', `SET GLOBAL replica_type_conversions = 'ALL_NON_LOSSY'`);
    expect(await restore(undefined, WITHOUT_GROUP)).toMatchObject({ ledger: null, open: [`replica_type_conversions is still 'ALL_NON_LOSSY' on production`] });

    await pair.run('blue', `SET GLOBAL replica_type_conversions = 'ALL_NON_LOSSY'`);
    try {
      expect(await restore(undefined, WITHOUT_GROUP)).toMatchObject({ ledger: { steps: 1 }, open: [] });
    } finally {
      await pair.run('blue', `SET GLOBAL replica_type_conversions = ''`);
    }
  });
});

test('may run twice', async () => {
  await pair.run('blue', `CREATE DEFINER = admin@'%' EVENT shop.daily ON SCHEDULE EVERY 1 DAY ${LATER} DO DO 1`);
  await switchOver();
  await pair.run('blue', 'SET GLOBAL super_read_only = OFF');
  await restore();
  const [before, written] = [await events('green'), await binlogEnd(pair.green)];
  expect(await restore()).toEqual({ remarks: [], ledger: null, unfinished: 0, open: [] });
  expect([await events('green'), await retention('green')]).toEqual([before, null]);
  // nothing was left to do, so nothing was done: no ALTER EVENT, no DROP but of what may be there.
  expect(await binlogEnd(pair.green)).toEqual(written);
});

test('is not done while the old Blue does not answer: only it knows which events were enabled', async () => {
  await pair.run('blue', `CREATE DEFINER = admin@'%' EVENT shop.daily ON SCHEDULE EVERY 1 DAY ${LATER} DO DO 1`);
  await switchOver();
  const { ledger, open } = await restore({ binlogRetentionHours: 24 }, WITHOUT_GROUP, { endpoint: '127.0.0.1', port: 1 });
  expect([ledger, open]).toEqual([null, [
    expect.stringMatching(/^the old Blue cannot be asked which events were enabled there \(MySQL at 127\.0\.0\.1:1 does not answer .*\); where it is gone for good, delete its cluster$/s),
  ]]);
  expect(await retention('green')).toBe('24');
  expect(await restore({ binlogRetentionHours: 24 })).toMatchObject({ ledger: { steps: 1 }, open: [] });
  expect(await statuses('green')).toEqual({ daily: 'ENABLED' });
});

test('is not done while an index is missing that was dropped for the time of a copy', async () => {
  await pair.run('blue', 'CREATE TABLE shop.indexed (id INT PRIMARY KEY, a INT)');
  await switchOver();
  await pair.run(
    'green',
    `INSERT INTO ${LEDGER_SCHEMA}.step (kind, unit, unit_bytes, schema_name, object_name, bytes, runner, statement, script, indexes)
     VALUES ('INDEXES', 9, 0, 'shop', 'indexed', 0, 'WORKER', '', '[]', '[{"name": "a", "definition": "KEY \`a\` (\`a\`)"}]')`,
  );
  const remembered = { binlogRetentionHours: 24 };
  expect(await restore(remembered)).toMatchObject({ ledger: null, open: ['shop.indexed has lost an index: ALTER TABLE `shop`.`indexed` ADD KEY `a` (`a`)'] });
  await pair.run('green', 'ALTER TABLE shop.indexed ADD KEY a (a)');
  expect(await restore(remembered)).toMatchObject({ open: [] });
});

test('says what of the migration was not done, where somebody has switched over by hand before it was', async () => {
  await switchOver();
  await pair.run(
    'green',
    `INSERT INTO ${LEDGER_SCHEMA}.step (kind, unit, unit_bytes, schema_name, object_name, bytes, runner, statement, script, indexes) VALUES
     ('TABLE', 9, 0, 'shop', 'late', 0, 'WORKER', '', '[]', '[]'), ('TRIGGERS', 10, 0, 'shop', 'late', 0, 'TASK', '', '[]', '[]')`,
  );
  const { remarks, unfinished, open } = await restore();
  expect([unfinished, open]).toEqual([2, []]);
  expect(remarks).toContainEqual(expect.stringMatching(/^THE MIGRATION WAS NOT DONE when it was switched over, which somebody did by hand: 2 steps were open \(shop\.late\), .*It needs another Green/));
});

test('restores everything else where an event cannot be enabled, and says which', async () => {
  await pair.run('blue', `CREATE DEFINER = admin@'%' EVENT shop.daily ON SCHEDULE EVERY 1 DAY ${LATER} DO DO 1`, `CREATE DEFINER = admin@'%' EVENT shop.weekly ON SCHEDULE EVERY 7 DAY ${LATER} DO DO 1`);
  await switchOver();
  const { run } = Session.prototype;
  const refusing = jest.spyOn(Session.prototype, 'run').mockImplementation(function (this: Session, sql, values) {
    return run.call(this, sql.includes('daily') ? sql.replace('ENABLE', 'ENABLE DO SELECT') : sql, values);
  });
  try {
    const { ledger, open } = await restore({ binlogRetentionHours: 24 });
    expect(ledger).toBeNull();
    expect(open).toEqual([
      expect.stringMatching(/^event shop\.daily of admin@% cannot be enabled \(You have an error in your SQL syntax/), 'event shop.daily is not enabled on production and was on Blue',
    ]);
    expect([await statuses('green'), await retention('green')]).toEqual([{ daily: expect.stringMatching(ARRIVED) as string, weekly: 'ENABLED' }, '24']);
  } finally {
    refusing.mockRestore();
  }
  expect(await restore({ binlogRetentionHours: 24 })).toMatchObject({ open: [] });
});

test('restores what it can where the old Blue is gone', async () => {
  await pair.run('blue', `CREATE DEFINER = admin@'%' EVENT shop.daily ON SCHEDULE EVERY 1 DAY ${LATER} DO DO 1`);
  await switchOver();
  const { remarks, ledger, open } = await restore({ binlogRetentionHours: 24 }, WITHOUT_GROUP, null);
  expect(remarks).toEqual([
    'the old Blue is gone: which events were enabled there is not known; see whether those of production are as they should be',
    `'binlog retention hours' was set back to 24 on production`,
  ]);
  expect([ledger, open]).toEqual([expect.objectContaining({ steps: 1 }), []]);
  expect(await statuses('green')).toEqual({ daily: expect.stringMatching(ARRIVED) as string });
});

describe('on a server that is not production', () => {
  /** Nothing may have been touched. */
  async function untouched(what: RegExp): Promise<void> {
    await expect(restore()).rejects.toMatchObject({ name: ErrorName.RESTORE_FAILED, message: expect.stringMatching(what) as string });
    expect([await hasLedger(), await retention('green'), await retention('blue')]).toEqual([true, String(RAISED), String(RAISED)]);
    expect(await statuses('green')).toEqual({ daily: expect.stringMatching(ARRIVED) as string });
  }

  beforeEach(async () => {
    await pair.run('blue', `CREATE DEFINER = admin@'%' EVENT shop.daily ON SCHEDULE EVERY 1 DAY ${LATER} DO DO 1`);
    await pair.caughtUp();
  });

  test('refuses to touch a replica, though it takes writes', async () => {
    await untouched(/^the server behind the production endpoint still follows another one, so it is not the new production yet: nothing was restored\. Look at the deployment in the RDS console/);
  });

  test('refuses to touch a server that is read-only', async () => {
    await switchOver();
    await pair.run('green', 'SET GLOBAL read_only = ON');
    await untouched(/^the server behind the production endpoint is read-only, so it is not the new production yet: nothing was restored/);
  });
});
