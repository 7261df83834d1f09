import {
  type DecisionEvent,
  isPartywallError,
  onDecision,
  runAsSystem,
  runWithTenant,
  type WallEvent,
} from '@partywall/context'
import {
  blockAlways,
  type Decision,
  type DecisionAction,
  type Enforcement,
  type Violation,
} from '@partywall/context/spi'
import { createGuard, defineTenantSchema, type GuardSession, global, owner } from '@partywall/sql'
import { describe, expect, it } from 'vitest'

const keys: Readonly<Record<string, number>> = { acme: 2, globex: 3 }
const schema = defineTenantSchema(
  {
    users: owner('tenant_id', { model: 'User', severity: 'CRITICAL', type: 'int4' }),
    roles: owner('tenant_id', { model: 'Role', type: 'int4' }),
    countries: global(),
  },
  { tenantKey: (tenantId) => keys[tenantId] },
)
const acme = { tenantId: 'acme', env: 'prod', userId: '7' } as const
const globex = { tenantId: 'globex', env: 'prod' } as const

/** An enforcement that answers every violation by one rule. */
function answering(action: (violation: Violation) => DecisionAction): Enforcement {
  return {
    watching: true,
    decide: (violation): Decision => ({
      action: action(violation),
      reason: 'default',
      generation: 1,
      record: true,
    }),
    refusal: () => undefined,
  }
}

async function sessionWith(enforcement?: Enforcement): Promise<GuardSession> {
  return (await createGuard(schema, { enforcement })).session()
}

/** Everything that the walls tell while `work` runs. */
function eventsOf(work: () => unknown): readonly WallEvent[] {
  const events: WallEvent[] = []
  const stop = onDecision((event) => {
    events.push(event)
  })
  try {
    work()
  } catch (error) {
    if (!isPartywallError(error)) throw error
  } finally {
    stop()
  }
  return events
}

function decisionsOf(work: () => unknown): readonly DecisionEvent[] {
  return eventsOf(work).filter((event) => event.type === 'decision')
}

const open = { text: 'select * from users', values: [] }
const closed = { text: 'select * from users where tenant_id = $1', values: [2] }

describe('a violation', () => {
  // mutation src/guard/guard.ts: const blocked = decided.find(({ decision }) => decision.action === 'block') => const blocked = decided.find(({ decision }) => decision.action === 'off')
  it('is rejected with TENANT_CONTEXT_REQUIRED and its model where it is blocked [85, 154]', async () => {
    const session = await sessionWith()
    expect(() => runWithTenant(acme, () => session.check(open))).toThrow(
      expect.objectContaining({
        code: 'TENANT_CONTEXT_REQUIRED',
        message: 'TENANT_CONTEXT_REQUIRED: User',
      }),
    )
  })

  // mutation src/guard/guard.ts: const blocked = decided.find(({ decision }) => decision.action === 'block') => const blocked = decided.find(() => true)
  it('is told and allowed where it is logged [153]', async () => {
    const session = await sessionWith(answering(() => 'log'))
    const decisions = decisionsOf(() => runWithTenant(acme, () => session.check(open)))
    expect(decisions.map(({ violation }) => violation.model)).toEqual(['User'])
    expect(() => runWithTenant(acme, () => session.check(open))).not.toThrow()
  })

  it('names the first blocked model, and every violation has a decision of its own', async () => {
    const session = await sessionWith(
      answering(({ model }) => (model === 'Role' ? 'block' : 'log')),
    )
    const text = 'select * from users, roles'
    const decisions = decisionsOf(() =>
      runWithTenant(acme, () => session.check({ text, values: [] })),
    )
    expect(decisions.map(({ violation, decision }) => [violation.model, decision.action])).toEqual([
      ['User', 'log'],
      ['Role', 'block'],
    ])
    expect(() => runWithTenant(acme, () => session.check({ text, values: [] }))).toThrow(
      'TENANT_CONTEXT_REQUIRED: Role',
    )
  })

  it('makes use of no bypass where another relation is blocked: nothing is sent', async () => {
    const session = await sessionWith(
      answering(({ model }) => (model === 'User' ? 'bypass' : 'block')),
    )
    const check = () => session.check({ text: 'select * from users, roles', values: [] })
    const decisions = decisionsOf(() => runAsSystem({ actor: 'job', reason: 'nightly_job' }, check))
    expect(decisions.map(({ violation, decision }) => [violation.model, decision.action])).toEqual([
      ['Role', 'block'],
    ])
  })

  // mutation src/translate/from-clause.ts: const violation = 'missing_relation_filter' => const violation = site.violation
  it('says whether the first relation is open or one that is joined to it [115]', async () => {
    const session = await sessionWith()
    const kindsOf = (text: string): readonly string[] =>
      decisionsOf(() => runWithTenant(acme, () => session.check({ text, values: [] }))).map(
        ({ violation }) => `${violation.model} ${violation.violation} ${violation.action}`,
      )
    expect(kindsOf('select * from users, roles')).toEqual([
      'User missing_tenant_id select',
      'Role missing_relation_filter select',
    ])
    expect(kindsOf('update roles set id = 1 where id in (select id from users)')).toEqual([
      'Role missing_tenant_id update',
      'User missing_relation_filter update',
    ])
    expect(kindsOf('select id from countries where exists (select 1 from users)')).toEqual([
      'User missing_relation_filter select',
    ])
  })

  it('carries whose work it was and the shape of the statement, never its values', async () => {
    const session = await sessionWith()
    const text = `select /* hush */ * from users where name = 'secret' and id in ($1, $2, $3) and x = 42`
    const [event] = decisionsOf(() =>
      runWithTenant(acme, () => session.check({ text, values: ['hidden', 2, null] })),
    )
    expect(event?.violation).toMatchObject({
      surface: 'sql',
      model: 'User',
      severity: 'CRITICAL',
      tenantId: 'acme',
      userId: '7',
      shape: {
        statement: 'select * from users where name = ? and id in ( $1 … ) and x = ?',
        parameters: ['string(6)', 'number', 'null'],
      },
    })
    expect(event?.violation.stack).toContain('guard.test.ts')
  })

  // mutation src/guard/mend-hint.ts: if (because !== undefined) return because => if (because === undefined) return ''
  it('says how to mend it, never with a value', async () => {
    const session = await sessionWith()
    const hintOf = (text: string, values: readonly unknown[] = []): string | undefined =>
      decisionsOf(() => runWithTenant(acme, () => session.check({ text, values })))[0]?.violation
        .hint
    const compare =
      'compare its owner column itself with the tenant in WHERE, or in ON of the JOIN or LEFT JOIN that adds it'
    expect(hintOf('select * from users')).toBe(compare)
    expect(hintOf(`select * from users where name = 'secret'`)).toBe(compare)
    expect(hintOf('select * from users where tenant_id = $1', ['secret'])).toBe(
      'it is confined to another tenant, or to none: $1 must be the tenant of the scope',
    )
    expect(hintOf(`select * from users where tenant_id = 33`)).toBe(
      'it is confined to another tenant, or to none: the literal must be the tenant of the scope',
    )
    const keyOfAll = 'insert into users (tenant_id, id) values ($1, 5) on conflict (id) do nothing'
    expect(hintOf(keyOfAll, [2])).toMatch(/^ON CONFLICT can meet a row of another tenant/)
    expect(hintOf(`insert into users (id) values ('secret')`)).toBe(
      'list the owner column with the tenant in every row, also in ON CONFLICT',
    )
    expect(hintOf('select $1 from users where tenant_id = $1', [2])).toBe(
      '$1 also stands where it may be of another type: cast it there, as in $1::text',
    )
    expect(hintOf('select * from nowhere')).toBe(
      'nowhere: declare the relation in the tenant schema',
    )
    expect(hintOf(`select no_such('secret')`)).toMatch(/^the function no_such .*runAsSystem/)
    expect(hintOf(`select 'secret`)).toBe(
      'PostgreSQL does not read this text, or it is longer than maxTextLength',
    )
    const [event] = decisionsOf(() => session.check({ text: 'select * from users', values: [] }))
    expect(event?.violation.hint).toContain('runWithTenant')
  })
})

describe('the scope', () => {
  // mutation src/guard/guard.ts: const violations = findViolations(execution) => const violations = (known.found ??= findViolations(execution))
  it('is asked at every execution: a text that was proved says nothing of the next tenant [235]', async () => {
    const session = await sessionWith()
    for (let round = 0; round < 3; round += 1) {
      runWithTenant(acme, () => session.check(closed))
      expect(() => runWithTenant(globex, () => session.check(closed))).toThrow('User')
      runWithTenant(globex, () => session.check({ ...closed, values: [3] }))
      expect(() => runWithTenant(acme, () => session.check({ ...closed, values: [3] }))).toThrow()
    }
  })

  it('is needed for every tenant-owned relation, and for no other', async () => {
    const session = await sessionWith()
    expect(() => session.check(closed)).toThrow('TENANT_CONTEXT_REQUIRED: User')
    expect(() => session.check({ text: 'select * from countries', values: [] })).not.toThrow()
    expect(() => session.check({ text: 'begin', values: [] })).not.toThrow()
  })

  it('of the system opens nothing by itself: the enforcement answers', async () => {
    const job = { actor: 'cleanup', reason: 'nightly' }
    const strict = await sessionWith()
    expect(() => runAsSystem(job, () => strict.check(open))).toThrow('User')
    const lenient = await sessionWith(answering(() => 'bypass'))
    const [event] = decisionsOf(() => runAsSystem(job, () => lenient.check(open)))
    expect(event?.decision.action).toBe('bypass')
    expect(event?.scope?.system?.actor).toBe('cleanup')
    expect(() => runAsSystem(job, () => lenient.check(open))).not.toThrow()
  })

  it('of a tenant without a key has no rows', async () => {
    const session = await sessionWith()
    const nobody = { tenantId: 'nobody', env: 'prod' } as const
    expect(() =>
      runWithTenant(nobody, () => session.check({ ...closed, values: [undefined] })),
    ).toThrow('User')
  })
})

describe('a transaction', () => {
  const begin = { text: 'begin', values: [] }
  const other = { ...closed, values: [3] }

  it('belongs to the tenant that began it', async () => {
    const session = await sessionWith()
    runWithTenant(acme, () => session.check(begin))
    expect(() => runWithTenant(globex, () => session.check(other))).toThrow('(unknown)')
    runWithTenant(acme, () => session.check(closed))
    session.check({ text: 'commit', values: [] })
    runWithTenant(globex, () => session.check(other))
  })

  it('belongs to the first tenant in it where none began it', async () => {
    const session = await sessionWith()
    session.check(begin)
    runWithTenant(globex, () => session.check(other))
    expect(() => runWithTenant(acme, () => session.check(closed))).toThrow('(unknown)')
  })

  // mutation src/guard/transaction-tenant.ts: isOpen && owner !== undefined && !isSame(tenant, owner) => isOpen && owner === undefined
  it('is ended, kept and taken back by nobody else', async () => {
    const session = await sessionWith()
    runWithTenant(acme, () => session.check(begin))
    runWithTenant(acme, () => session.check(closed))
    for (const text of ['commit', 'rollback', 'begin', 'savepoint a', 'rollback to savepoint a']) {
      const end = () => runWithTenant(globex, () => session.check({ text, values: [] }))
      expect(end, text).toThrow('(unknown)')
    }
    runWithTenant(acme, () => session.check({ text: 'rollback to savepoint a', values: [] }))
    runWithTenant(acme, () => session.check({ text: 'commit', values: [] }))
    runWithTenant(globex, () => session.check(other))
  })

  it('that a text has left open half-way is revived by nobody', async () => {
    const session = await sessionWith()
    runWithTenant(acme, () => session.check(begin))
    runWithTenant(acme, () => session.check({ text: 'select 1 / 0; commit', values: [] }))
    const revive = { text: 'rollback to savepoint a', values: [] }
    expect(() => runWithTenant(globex, () => session.check(revive))).toThrow('(unknown)')
  })
})

describe('the enforcement', () => {
  it('refuses a tenant by its kill switch, whatever the statement is', async () => {
    const refusal: Decision = {
      action: 'block',
      reason: 'kill_switch',
      generation: 1,
      record: true,
    }
    for (const watching of [true, false]) {
      const session = await sessionWith({
        ...blockAlways,
        watching,
        refusal: (tenantId) => (tenantId === 'globex' ? refusal : undefined),
      })
      const disabled = expect.objectContaining({ code: 'tenancy.disabled' })
      expect(() =>
        runWithTenant(globex, () => session.check({ text: 'select 1', values: [] })),
      ).toThrow(disabled)
      expect(eventsOf(() => runWithTenant(globex, () => session.check(closed)))).toContainEqual(
        expect.objectContaining({ type: 'refusal', code: 'tenancy.disabled', status: 501 }),
      )
      expect(() => runWithTenant(acme, () => session.check(closed))).not.toThrow()
    }
  })

  it('lets a refused tenant take back what it began, and nothing else', async () => {
    let refusal: Decision | undefined
    const session = await sessionWith({ ...blockAlways, refusal: () => refusal })
    const check = (text: string) => runWithTenant(acme, () => session.check({ text, values: [] }))
    check('begin')
    refusal = { action: 'block', reason: 'kill_switch', generation: 1, record: true }
    for (const text of ['commit', 'begin', 'select 1', 'rollback; select 1', 'rollback; begin']) {
      expect(() => check(text)).toThrow('kill switch')
    }
    expect(() => check('rollback')).not.toThrow()
  })

  // mutation src/guard/guard.ts: const looked = !refused && enforcement.watching ? look(sent, scope) : undefined => const looked = !refused ? look(sent, scope) : undefined
  it('lets everything pass unchanged while it does not watch, and is still counted [50]', async () => {
    const session = await sessionWith({ ...blockAlways, watching: false })
    const events = eventsOf(() => session.check({ text: 'selec', values: [] }))
    expect(events).toEqual([{ type: 'guarded', surface: 'sql', overheadMs: expect.any(Number) }])
  })

  it('hears of one guarded statement each, blocked or not', async () => {
    const session = await sessionWith()
    const events = eventsOf(() => runWithTenant(acme, () => session.check(open)))
    expect(events.map(({ type }) => type)).toEqual(['guarded', 'decision'])
    expect(events.every((event) => Object.isFrozen(event))).toBe(true)
  })
})

describe('a fault of the guard', () => {
  const failing = defineTenantSchema(
    { users: owner('tenant_id') },
    {
      tenantKey: () => {
        throw new Error('no such tenant')
      },
    },
  )

  it('is a violation like others: blocked, or told while logging', async () => {
    const strict = (await createGuard(failing)).session()
    expect(() => runWithTenant(acme, () => strict.check(closed))).toThrow(
      'TENANT_CONTEXT_REQUIRED: (unknown)',
    )
    const lenient = (await createGuard(failing, { enforcement: answering(() => 'log') })).session()
    const events = eventsOf(() => runWithTenant(acme, () => lenient.check(closed)))
    expect(events.map(({ type }) => type)).toEqual(['fault', 'guarded', 'decision'])
    expect(() => runWithTenant(acme, () => lenient.check(closed))).not.toThrow()
  })
})

it('remembers a bounded number of texts', async () => {
  const guard = await createGuard(schema, { cachedTexts: 10 })
  const session = guard.session()
  for (let n = 0; n < 500; n += 1) {
    runWithTenant(acme, () => session.check({ ...closed, text: `${closed.text} and id = ${n}` }))
  }
  expect(() => runWithTenant(globex, () => session.check(closed))).toThrow('User')
})

it.each([
  [{ maxTextLength: Number.NaN }, 'maxTextLength is a number; expected a positive integer'],
  [{ maxTextLength: '100' }, 'maxTextLength is a string of 3 characters; expected a positive'],
  [{ cachedTexts: 0 }, 'cachedTexts is a number; expected a positive integer'],
  [{ enforcment: blockAlways }, 'options has no field "enforcment"; it may have enforcement, '],
  [{ enforcement: {} }, 'enforcement is an object; expected an Enforcement, such as'],
  [{ enforcement: 'block' }, 'enforcement is a string of 5 characters; expected an Enforcement'],
  [null, 'options is null; expected an object with enforcement, '],
])('refuses options that would be no bound or no switch: %j', async (options, message) => {
  const made = createGuard(schema, options as never)
  await expect(made).rejects.toMatchObject({
    code: 'sql.options',
    message: expect.stringContaining(message),
  })
})
