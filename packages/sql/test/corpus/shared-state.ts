import type { Refused } from './case.ts'

const unsupported = '(unknown) unsupported'

/** Refused: the real server shows that they leak. */
export const leaking: readonly Refused[] = [
  [
    'a query from a text, with rows of everybody',
    unsupported,
    `select query_to_xml('select count(*) from users', true, true, '')::text`,
  ],
  ['a whole table by its name', unsupported, `select table_to_xml('users', true, true, '')::text`],
  [
    'what a plan says of the rows that a filter removed',
    unsupported,
    'explain (analyze, costs off, timing off, summary off, buffers off) select id from users where tenant_id = 2',
  ],
]

/** Refused: what they would do is not to be seen on the server of the tests, or is no question of rows. */
export const refused: readonly Refused[] = [
  [
    'a plan: its costs are those of all rows',
    unsupported,
    'explain select id from users where tenant_id = 2',
  ],
  [
    'a cursor by its name, which may be anybody’s',
    unsupported,
    `select cursor_to_xml('c', 10, true, true, '')`,
  ],
  ['a schema by its name', unsupported, `select schema_to_xml('public', true, true, '')`],
  ['FETCH from a cursor that somebody else may have declared', unsupported, 'fetch all from c'],
  ['MOVE, whose row count tells of a cursor', unsupported, 'move all in c'],
  ['CLOSE of a cursor that may be somebody else’s', unsupported, 'close c'],
  [
    'a cursor that outlives its transaction, and so its tenant',
    unsupported,
    'declare c cursor with hold for select id from users where tenant_id = 2',
  ],
  [
    'ROLLBACK PREPARED, which any session can say of any transaction',
    unsupported,
    `rollback prepared 'x'`,
  ],
  [
    'the number of a transaction: the step between two tells of others',
    unsupported,
    'select txid_current()',
  ],
  ['the same by its newer name', unsupported, 'select pg_current_xact_id()'],
  ['which transactions are under way', unsupported, 'select pg_current_snapshot()'],
  ['whether a transaction of others was committed', unsupported, `select pg_xact_status('1000')`],
  ['a large object, which has no owner column', unsupported, 'select lo_get(1)'],
  ['a new large object', unsupported, 'select lo_create(0)'],
  ['a file of the server as a large object', unsupported, `select lo_import('/etc/passwd')`],
  ['a file of the server', unsupported, `select pg_read_file('/etc/passwd')`],
  [
    'another connection, which no guard sees',
    unsupported,
    `select * from dblink('dbname=app', 'select 1') as t (x int)`,
  ],
  [
    'a statement by another connection',
    unsupported,
    `select dblink_exec('dbname=app', 'delete from users')`,
  ],
  [
    'a setting of the application’s own, which may hold another tenant',
    unsupported,
    `select current_setting('app.tenant')`,
  ],
  [
    'the same as a tenant',
    unsupported,
    `select id from docs where owner = current_setting('app.tenant', true)`,
  ],
  ['a setting for a transaction', unsupported, `select set_config('app.tenant', '1', true)`],
  ['the last number that this session took, for whomever', unsupported, `select currval('s')`],
  ['the same of whichever sequence', unsupported, 'select lastval()'],
  ['a sequence that is set back', unsupported, `select setval('s', 1)`],
  [
    'the size of a table: that of everybody’s rows',
    unsupported,
    `select pg_relation_size('users')`,
  ],
  ['its size with what is stored beside it', unsupported, `select pg_table_size('users')`],
  ['the size of its indexes', unsupported, `select pg_indexes_size('users')`],
  ['the size of the database', unsupported, 'select pg_database_size(current_database())'],
  ['a lock that others wait for', unsupported, 'select pg_advisory_xact_lock(1)'],
  ['whether somebody holds a lock', unsupported, 'select pg_try_advisory_lock(1)'],
  ['a notice to other sessions', unsupported, `select pg_notify('c', 'x')`],
  ['UNLISTEN', unsupported, 'unlisten *'],
  ['DISCARD, which takes the session’s settings and temporary tables', unsupported, 'discard all'],
  ['DEALLOCATE of what a driver has prepared', unsupported, 'deallocate all'],
  ['a setting that SHOW would tell', unsupported, 'show search_path'],
  [
    'a sample by blocks, which rows of all tenants fill',
    unsupported,
    'select id from users tablesample bernoulli (50) repeatable (1) where tenant_id = 2',
  ],
]
