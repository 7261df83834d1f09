import { runWithTenant } from '@partywall/context'
import {
  createGuard,
  defineTenantSchema,
  explainProof,
  owner,
  type TenantSchema,
} from '@partywall/sql'
import { guardPool } from '@partywall/sql/pg'
import { startPostgres } from '@partywall/testing'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isHarmful } from '../src/schema/harmful-functions.ts'
import { functionKind } from '../src/translate/builtin-functions.ts'

const tables = { notes: owner('tenant_id') }

function withFunctions(...functions: readonly string[]): TenantSchema {
  return defineTenantSchema<Record<string, Record<string, unknown>>>(tables, { functions })
}

describe('a declaration', () => {
  // mutation src/schema/tenant-schema.ts: if (harmful.length > 0) { => if (harmful.length > 99) {
  it.each([
    'query_to_xml',
    'pg_catalog.query_to_xml',
    'set_config',
    'current_setting',
    'setval',
    'ts_stat',
    'pg_advisory_xact_lock',
    'pg_stat_get_live_tuples',
    'lo_get',
    'dblink',
    'extensions.dblink_exec',
    'crosstab',
  ])('makes nothing harmless of %s', (name) => {
    expect(() => withFunctions('mine', name)).toThrow(
      expect.objectContaining({ code: 'sql.schema', message: expect.stringContaining(name) }),
    )
  })

  it("names functions of the user's own, also those that are called like built-in ones", async () => {
    const schema = withFunctions('mine', 'app.lower', 'app.setval', 'hashtext', 'lo_fi')
    for (const name of ['mine', 'app.lower', 'app.setval', 'hashtext', 'lo_fi']) {
      expect(await explainProof(`select ${name}(1)`, schema), name).toEqual([])
    }
    expect(await explainProof('select setval(1)', schema)).toMatchObject([{ open: true }])
  })
})

it('keeps rows of others from a function that runs SQL from a text', async () => {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url })
  onTestFinished(async () => {
    await pool.end()
    await server.stop()
  })
  await pool.query('create table notes (tenant_id text, said text)')
  await pool.query(`insert into notes values ('acme', 'ours'), ('globex', 'theirs')`)
  const text = `select query_to_xml('select * from notes', false, false, '')::text as all`
  expect(JSON.stringify((await pool.query(text)).rows)).toContain('theirs')
  const guarded = guardPool(pool, await createGuard(withFunctions()))
  await runWithTenant({ tenantId: 'acme', env: 'prod' }, async () => {
    await expect(guarded.query(text)).rejects.toMatchObject({ code: 'TENANT_CONTEXT_REQUIRED' })
  })
  const [line] = await explainProof(text, withFunctions())
  expect(line?.obstacle).toMatch(/^the function query_to_xml reads or changes more/)
  expect(line?.obstacle).not.toContain('declare it')
})

/** They change with what the session is told, or with definitions, never with rows, and change nothing. */
const harmless = new Set(
  `
aclexplode amvalidate col_description current_query current_schemas current_user enum_in
enum_out enum_send fmgr_c_validator fmgr_internal_validator fmgr_sql_validator format_type
get_current_ts_config getdatabaseencoding getpgusername has_any_column_privilege
has_column_privilege has_database_privilege has_foreign_data_wrapper_privilege
has_function_privilege has_language_privilege has_largeobject_privilege has_parameter_privilege
has_schema_privilege has_sequence_privilege has_server_privilege has_table_privilege
has_tablespace_privilege has_type_privilege inet_client_addr inet_client_port inet_server_addr
inet_server_port json_populate_record json_populate_recordset json_to_tsvector
jsonb_populate_record jsonb_populate_record_valid jsonb_populate_recordset jsonb_to_tsvector
obj_description oidvectortypes pg_available_extension_versions pg_available_extensions
pg_backend_pid pg_basetype pg_char_to_encoding pg_client_encoding pg_collation_actual_version
pg_collation_for pg_collation_is_visible pg_column_compression pg_column_is_updatable
pg_column_size pg_conf_load_time pg_config pg_conversion_is_visible
pg_database_collation_actual_version pg_describe_object pg_encoding_to_char
pg_event_trigger_ddl_commands pg_event_trigger_dropped_objects
pg_event_trigger_table_rewrite_oid pg_event_trigger_table_rewrite_reason
pg_extension_update_paths pg_function_is_visible pg_get_acl pg_get_catalog_foreign_keys
pg_get_constraintdef pg_get_expr pg_get_function_arg_default pg_get_function_arguments
pg_get_function_identity_arguments pg_get_function_result pg_get_function_sqlbody
pg_get_functiondef pg_get_indexdef pg_get_keywords pg_get_object_address
pg_get_partition_constraintdef pg_get_partkeydef pg_get_replica_identity_index pg_get_ruledef
pg_get_serial_sequence pg_get_statisticsobjdef pg_get_statisticsobjdef_columns
pg_get_statisticsobjdef_expressions pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role
pg_identify_object pg_identify_object_as_address pg_index_column_has_property
pg_index_has_property pg_indexam_has_property
pg_is_in_recovery pg_is_other_temp_schema pg_jit_available pg_my_temp_schema pg_numa_available
pg_opclass_is_visible pg_operator_is_visible pg_opfamily_is_visible pg_options_to_table
pg_partition_ancestors pg_partition_tree pg_postmaster_start_time pg_relation_is_publishable
pg_relation_is_updatable pg_settings_get_flags pg_sleep pg_sleep_for pg_sleep_until
pg_split_walfile_name pg_statistics_obj_is_visible pg_table_is_visible
pg_timezone_abbrevs_abbrevs pg_timezone_abbrevs_zone pg_timezone_names pg_trigger_depth
pg_ts_config_is_visible pg_ts_dict_is_visible pg_ts_parser_is_visible pg_ts_template_is_visible
pg_type_is_visible plpgsql_validator row_security_active session_user shobj_description
system_user timestamptz to_regclass to_regcollation to_regnamespace to_regoper to_regoperator
to_regproc to_regprocedure to_regrole to_regtype to_regtypemod ts_debug ts_parse ts_token_type
xml_is_well_formed`
    .trim()
    .split(/\s+/),
)

/**
 * What PostgreSQL does not call immutable, but for what it computes itself for types, operators, casts
 * and indexes, and what no statement can call.
 */
const unsteady = `
  select distinct proname as name from pg_catalog.pg_proc p
  where pronamespace = 'pg_catalog'::regnamespace and provolatile <> 'i' and prokind = 'f'
    and not 'internal'::regtype = any (proargtypes::oid[])
    and not exists (select from pg_catalog.pg_type t where t.oid = p.prorettype
      and t.typtype = 'p' and t.typname ~ 'handler$|trigger$|^internal$')
    and p.oid not in (select unnest(array[typinput, typoutput, typsend, typreceive, typmodin])
      from pg_catalog.pg_type)
    and p.oid not in (select oprcode from pg_catalog.pg_operator
      union all select castfunc from pg_catalog.pg_cast
      union all select amproc from pg_catalog.pg_amproc)`

it('knows every built-in function of the server that reads or changes more than its arguments', async () => {
  const server = await startPostgres()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  onTestFinished(async () => {
    await client.end()
    await server.stop()
  })
  const { rows } = await client.query<{ name: string }>(unsteady)
  const found = rows
    .map(({ name }) => name)
    .filter((name) => functionKind(name, true) === undefined)
  expect(found.length).toBeGreaterThan(400)
  expect(found.filter((name) => isHarmful(name) === harmless.has(name))).toEqual([])
  const { rows: all } = await client.query<{ name: string }>(
    `select distinct proname as name from pg_catalog.pg_proc where pronamespace = 'pg_catalog'::regnamespace`,
  )
  const allowed = all.filter(({ name }) => functionKind(name, true) !== undefined)
  expect(allowed.filter(({ name }) => isHarmful(name))).toEqual([])
})
