import { isPartywallError, runWithTenant } from '@partywall/context'
import { createGuard, defineTenantSchema, owner } from '@partywall/sql'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Door, type DoorName, doorNames, openDoor } from './doors.ts'
import { eventsDuring, switches } from './enforcement.ts'
import { acme, allRows, globex, type Shop, shopSchema, startShop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

const leaks: readonly (readonly [string, readonly unknown[]])[] = [
  ['select * from orders order by tenant_id, id', []],
  ['select item from orders where tenant_id = $1', ['globex']],
  [`update orders set item = item where id = 1 returning tenant_id`, []],
  ['select set_config($1, $2, false)', ['application_name', 'x']],
  [`/* a */ show server_encoding`, []],
  [
    'select $1::jsonb as a, $2::text[] as b, $3::bytea as c, $4::timestamp as d, $5::text as e from orders',
    [
      { a: [1, { b: null }], __proto__: null },
      ['x"', null, 'y\\'],
      Buffer.from([0, 255]),
      new Date(0),
      null,
    ],
  ],
]

function asGlobex<Result>(work: () => Result): Result {
  return runWithTenant(globex, work)
}

async function doorWith(
  name: DoorName,
  action: 'log' | 'block',
  schema = shopSchema,
): Promise<Door> {
  const guard = await createGuard(schema, { enforcement: switches(action) })
  const door = openDoor(name, { ...shop, guard })
  onTestFinished(() => door.end())
  return door
}

/** Reading either half of it fails. */
const faulty = {
  'a schema that fails': {
    ...shopSchema,
    relation: () => {
      throw new TypeError('no catalogue')
    },
  },
  'a tenant key that fails': defineTenantSchema(
    { orders: owner('tenant_id', { model: 'Order' }) },
    {
      tenantKey: () => {
        throw new TypeError('no such tenant')
      },
    },
  ),
}

describe.each(doorNames)('through %s', (name) => {
  it.each(leaks)(
    'while logging, %s is answered as without a guard, and counted',
    async (text, values) => {
      const door = await doorWith(name, 'log')
      const plain = (await shop.raw.query(text, [...values])).rows
      const seen: unknown[] = []
      const events = await eventsDuring(async () => {
        seen.push(await runWithTenant(acme, () => door.send(text, values)))
      })
      expect(seen).toEqual([plain])
      const decisions = events.filter((event) => event.type === 'decision')
      expect(decisions).toHaveLength(1)
      expect(decisions[0]).toMatchObject({
        decision: { action: 'log' },
        violation: { tenantId: 'acme' },
      })
      expect(events.filter(({ type }) => type === 'fault')).toEqual([])

      // What is logged is what would be blocked.
      const strict = await doorWith(name, 'block')
      await expect(runWithTenant(acme, () => strict.send(text, values))).rejects.toSatisfy(
        (error) => isPartywallError(error, 'TENANT_CONTEXT_REQUIRED'),
      )
    },
  )

  it.each(Object.entries(faulty))(
    '%s breaks no statement while logging, refuses it otherwise, and is counted',
    async (_, schema) => {
      const own = `select item from orders where tenant_id = 'acme' order by id`
      const lenient = await doorWith(name, 'log', schema)
      const strict = await doorWith(name, 'block', schema)
      const replies: unknown[] = []
      const logged = await eventsDuring(() =>
        runWithTenant(acme, async () => replies.push(await lenient.send(own))),
      )
      expect(replies).toEqual([[{ item: 'ink' }, { item: 'pen' }]])
      const blocked = await eventsDuring(() => runWithTenant(acme, () => strict.send(own)))
      for (const events of [logged, blocked]) {
        expect(events.map(({ type }) => type)).toEqual(['fault', 'guarded', 'decision'])
      }
      await expect(runWithTenant(acme, () => strict.send(own))).rejects.toMatchObject({
        code: 'TENANT_CONTEXT_REQUIRED',
        message: 'TENANT_CONTEXT_REQUIRED: (unknown)',
      })
    },
  )

  it('an error of the server stays the error of the server while logging', async () => {
    const door = await doorWith(name, 'log')
    await expect(asGlobex(() => door.send('selec'))).rejects.toMatchObject({ code: '42601' })
    await expect(asGlobex(() => door.send('select * from nowhere'))).rejects.toMatchObject({
      code: '42P01',
    })
    expect(await shop.rows()).toEqual(allRows)
  })
})
