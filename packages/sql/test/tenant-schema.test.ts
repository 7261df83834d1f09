import {
  defineTenantSchema,
  type GlobalTable,
  global,
  type OwnerTable,
  owner,
} from '@partywall/sql'
import { describe, expect, it } from 'vitest'

type AnyTables = Record<string, Record<string, unknown>>

describe('a schema', () => {
  it('names its models with their severities, by default the table with HIGH', () => {
    const schema = defineTenantSchema({
      users: owner('tenant_id', { model: 'User', severity: 'CRITICAL' }),
      'audit.entries': owner('tenant_id'),
      countries: global(),
    })
    expect(schema.models).toEqual({ User: 'CRITICAL', 'audit.entries': 'HIGH' })
    expect(Object.isFrozen(schema.models)).toBe(true)
  })

  it('finds tables by their exact names, in their schema', () => {
    const schema = defineTenantSchema(
      { users: owner('tenant_id'), 'audit.entries': owner('tenant_id') },
      { defaultSchema: 'app' },
    )
    expect(schema.relation('users')?.model).toBe('users')
    expect(schema.relation('users', 'app')?.model).toBe('users')
    expect(schema.relation('users', 'public')).toBeUndefined()
    expect(schema.relation('Users')).toBeUndefined()
    expect(schema.relation('entries')).toBeUndefined()
    expect(schema.relation('entries', 'audit')?.model).toBe('audit.entries')
    expect(schema.relation('constructor')).toBeUndefined()
  })

  it.each<[string, Record<string, OwnerTable | GlobalTable>]>([
    ['a severity that is none', { a: { ...owner('t'), severity: 'LOW' as never } }],
    ['a type whose equality is not to the byte', { a: { ...owner('t'), type: 'citext' as never } }],
    [
      'one model with two severities',
      { a: owner('t', { model: 'A' }), b: owner('t', { model: 'A', severity: 'CRITICAL' }) },
    ],
    ['the model of what nobody can name', { a: owner('t', { model: '(unknown)' }) }],
    ['a name with a database in it', { 'a.b.c': owner('t') }],
    ['a table under two names', { a: owner('t'), 'public.a': owner('t') }],
    ['columns without the owner', { a: owner('t', { columns: ['id'] }) }],
    ['a column twice', { a: global({ columns: ['id', 'id'] }) }],
  ])('refuses %s', (_, tables) => {
    expect(() => defineTenantSchema<AnyTables>(tables)).toThrow(
      expect.objectContaining({ code: 'sql.schema' }),
    )
  })
})
