import { defineTenantSchema, owner, type TenantSchema } from '@partywall/sql'

export const notes: TenantSchema = defineTenantSchema({ notes: owner('tenant_id') })

const own = `from notes where tenant_id = 'acme'`

/** Texts, and the oldest version that reads them as the proof does. */
export const newer: readonly (readonly [since: number, text: string])[] = [
  [14, `select 10, 1.5, 1e3, '1_0', "id" as "0x1", id as a_0 ${own}`],
  [14, `select id as x1, '0x1f' /* 1_0 */ ${own} -- 0b1`],
  [14, `select json_build_object('a', id), json_object('{a,1}') ${own}`],
  [16, `select 1_0 ${own}`],
  [16, `select id ${own} limit 0x1F`],
  [16, `select 0o17, id ${own}`],
  [16, `select 0B1, id ${own}`],
  [16, `select 1_0.5e1_0, id ${own}`],
  [16, `select id ${own} and id in (select 1_0)`],
  [16, `select json_array(id) ${own}`],
  [16, `select json_object('a': id) ${own}`],
  [16, `select json_arrayagg(id) ${own}`],
  [16, `select json_objectagg('a': id) ${own}`],
  [16, `select body::text is json ${own}`],
  [17, `select json_value(body, '$.a') ${own}`],
  [17, `select json_query(body, '$.a') ${own}`],
  [17, `select json_exists(body, '$.a') ${own}`],
  [17, `select json_scalar(id) ${own}`],
  [
    17,
    `select t.a from notes, json_table(body, '$' columns (a int path '$.a')) t where tenant_id = 'acme'`,
  ],
  [
    15,
    `merge into notes n using (values (1)) v (id) on n.tenant_id = 'acme' and n.id = v.id when matched then update set body = null`,
  ],
  [
    17,
    `merge into notes n using (values (1)) v (id) on n.tenant_id = 'acme' and n.id = v.id when matched then update set body = null returning merge_action()`,
  ],
  [16, `select json_array(select id ${own}) ${own}`],
  [17, `select json('{}'), id ${own}`],
  [17, `select json_serialize(body) ${own}`],
]
