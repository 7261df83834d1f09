import { defineTenantSchema, liveSchema, loadCatalogue, owner } from '@partywall/sql'
import { startPostgres } from '@partywall/testing'
import pg from 'pg'
import { expect, it } from 'vitest'
import { violationsIn } from './judge.ts'

it('reads views over varchar, which PostgreSQL prints with casts', async () => {
  const server = await startPostgres()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  try {
    await client.query(`
      create table notes (id int, tenant_id varchar(40) not null, title text);
      create table tags (note_id int, tenant_id text not null, label text);
      create view tagged as select n.id, n.tenant_id, t.label from notes n join tags t
        on t.tenant_id = n.tenant_id and t.note_id = n.id`)
    const catalogue = await loadCatalogue(client)
    expect(catalogue.tables.find(({ name }) => name === 'tagged')?.definition).toContain('::text')
    const schema = liveSchema(
      defineTenantSchema({
        notes: owner('tenant_id', { type: 'varchar' }),
        tags: owner('tenant_id'),
      }),
      catalogue,
    )
    const found = (text: string): number => violationsIn(schema, text, ['acme']).length
    expect(found('select label from tagged where tenant_id = $1')).toBe(0)
    expect(found('select title from notes where tenant_id::text = $1')).toBe(0)
    expect(found('select title from notes where tenant_id::varchar(3) = $1')).toBe(1)
    expect(found('select title from notes where tenant_id::bpchar = $1')).toBe(1)
  } finally {
    await client.end()
    await server.stop()
  }
})
