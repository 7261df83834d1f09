import { runAsSystem, runWithTenant } from '@partywall/context'
import { createGuard, type Guard } from '@partywall/sql'
import { beforeAll, expect, it } from 'vitest'
import { acme, bypassingSystem, globex, refused, shopSchema } from './shop.ts'

const opaque = { code: 'TENANT_CONTEXT_REQUIRED', message: 'TENANT_CONTEXT_REQUIRED: (unknown)' }
const asSystem = <Result>(work: () => Result): Result =>
  runAsSystem({ actor: 'nightly', reason: 'nightly_report' }, work)
const sent = (text: string) => ({ text, values: [] })
const own = sent(`select item from orders where tenant_id = 'acme'`)

let guard: Guard
beforeAll(async () => {
  guard = await createGuard(shopSchema, { enforcement: bypassingSystem })
})

it('refuses tenants on a session that the system changed, and says that it is changed', () => {
  for (const text of [
    'set role owner',
    'create temp table orders (id int)',
    'set search_path to x',
  ]) {
    const session = guard.session()
    runWithTenant(acme, () => session.check(own))
    expect(session.state).toBe('clean')
    asSystem(() => session.check(sent(text)))
    expect(session.state).toBe('changed')
    expect(() => runWithTenant(acme, () => session.check(own))).toThrow(
      expect.objectContaining(opaque),
    )
    asSystem(() => session.check(own))
  }
})

it('takes a session for changed that the system used for what nobody could read', () => {
  const session = guard.session()
  asSystem(() => session.check({ text: '', values: [], opaque: true }))
  expect(session.state).toBe('changed')
})

// mutation src/guard/guard.ts: const isText = typeof given.text === 'string' => const isText = given !== undefined
it('reads nothing that is no text by itself', () => {
  const session = guard.session()
  const rows = Array.from({ length: 22 }, (_, i) => `($${i * 2 + 1}, $${i * 2 + 2})`)
  const insert = {
    text: `insert into orders (id, tenant_id) values ${rows.join(', ')}`,
    values: rows.flatMap((_, i) => [i, 'acme']),
  }
  runWithTenant(acme, () => session.check(insert))
  const texts = [new String(insert.text), [insert.text], { toString: () => insert.text }, 5]
  for (const text of texts) {
    const statement = { ...insert, text: text as never }
    expect(() => runWithTenant(acme, () => session.check(statement))).toThrow(
      expect.objectContaining(opaque),
    )
  }
})

it('takes no session for changed by what was refused, or by what can be read', () => {
  const session = guard.session()
  expect(() => runWithTenant(acme, () => session.check(sent('set role owner')))).toThrow()
  asSystem(() => session.check(sent('select * from orders')))
  expect(session.state).toBe('clean')
})

it('tells of an open transaction', () => {
  const session = guard.session()
  runWithTenant(acme, () => session.check(sent('begin')))
  expect(session.state).toBe('transaction')
  session.check(sent('rollback'))
  expect(session.state).toBe('clean')
})

it('begins and ends no transaction where statements share no connection', () => {
  const session = guard.session({ pooled: true })
  for (const text of ['begin', 'commit', 'rollback', 'start transaction', `begin; ${own.text}`]) {
    expect(() => runWithTenant(acme, () => session.check(sent(text)))).toThrow(
      expect.objectContaining(opaque),
    )
  }
  runWithTenant(acme, () => session.check(own))
  expect(() => runWithTenant(globex, () => session.check(own))).toThrow(
    expect.objectContaining(refused),
  )
  expect(session.state).toBe('clean')
})
