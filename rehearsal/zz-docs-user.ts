import { openSmall } from '../test/rehearsal/pipeline/small';
const omit = process.argv[2] ?? '';
const statements = [
  `CREATE USER 'pipeline'@'%' IDENTIFIED BY 'Only-4711-here' REQUIRE SSL`,
  `GRANT SELECT, PROCESS, REPLICATION CLIENT ON *.* TO 'pipeline'@'%'`,
  `GRANT CONNECTION_ADMIN, SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER ON *.* TO 'pipeline'@'%'`,
  `GRANT EXECUTE ON PROCEDURE mysql.rds_show_configuration TO 'pipeline'@'%'`,
  `GRANT EXECUTE ON PROCEDURE mysql.rds_set_configuration TO 'pipeline'@'%'`,
  `GRANT EXECUTE ON PROCEDURE mysql.rds_stop_replication TO 'pipeline'@'%'`,
  `GRANT EXECUTE ON PROCEDURE mysql.rds_start_replication TO 'pipeline'@'%'`,
  `GRANT CREATE, DROP, INSERT, UPDATE, DELETE, CREATE ROUTINE, EXECUTE ON blue_green_pipeline.* TO 'pipeline'@'%'`,
  `GRANT ALTER, CREATE, INSERT, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, EVENT, LOCK TABLES, TRIGGER ON shop.* TO 'pipeline'@'%'`,
].map((s) => (omit === '' ? s : s.replace(`${omit}, `, '').replace(`, ${omit} ON`, ' ON')));
async function main() {
  const rehearsal = await openSmall({ prepare: async (c) => { for (const s of statements) await c.query(s); } });
  try {
    rehearsal.setPassword('Only-4711-here', 'pipeline');
    const r = await rehearsal.start({}).finished;
    console.log(omit || 'all', r.status, r.error, (r.cause ?? '').slice(0, 900));
    const c = await rehearsal.connect('shop');
    console.log((await c.query(`SELECT * FROM mysql.procs_priv`))[0], (await c.query(`SHOW GRANTS FOR pipeline`))[0]);
    console.log((await c.query(`SELECT ROUTINE_NAME, DEFINER, DATABASE_COLLATION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA='shop'`))[0]);
  } finally { await rehearsal.close(); }
}
const t = setInterval(() => undefined, 1000); main().finally(() => clearInterval(t));
