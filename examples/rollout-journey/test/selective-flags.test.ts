import { createTenantContext, PartywallError, runWithTenant } from '@partywall/context'
import { createRollout } from '@partywall/rollout'
import { createGuard, defineTenantSchema, type GuardSession, owner } from '@partywall/sql'
import { createRecorder, type Recorder } from '@partywall/telemetry'
import { afterEach, expect, it } from 'vitest'
import { declaredModels, models } from '../src/data/models.ts'

const acme = createTenantContext({ tenantId: 'acme', env: 'prod' })
const globex = createTenantContext({ tenantId: 'globex', env: 'prod' })
const environment = {
  TENANT_ENFORCEMENT_ENABLED: 'true',
  TENANT_ENFORCEMENT_MODE: 'selective',
  TENANT_ENFORCEMENT_ENFORCE_MODELS: 'User,RefreshToken,PasswordResetToken,MfaBackupCode,AuditLog',
  TENANT_ENFORCEMENT_LOG_MODELS: 'Role,UserRole,SecurityAlert,RolePermission',
}
const critical = environment.TENANT_ENFORCEMENT_ENFORCE_MODELS.split(',')
const watched = environment.TENANT_ENFORCEMENT_LOG_MODELS.split(',')
const schema = defineTenantSchema(
  Object.fromEntries(
    models.map(({ table, model, severity }) => [table, owner('tenant_id', { model, severity })]),
  ),
)
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

interface Walls {
  readonly session: GuardSession
  readonly recorder: Recorder
  readonly logged: (readonly [message: string, record: object])[]
}

async function putUpWalls(): Promise<Walls> {
  const logged: [string, object][] = []
  const logger = { warn: keep, error: keep }
  function keep(record: object, message: string): void {
    logged.push([message, record])
  }
  const recorder = createRecorder({ models: schema.models, logger })
  const rollout = createRollout({ models: schema.models, environment })
  closing.push(
    () => recorder.close(),
    () => rollout.close(),
  )
  const guard = await createGuard(schema, { enforcement: rollout.enforcement })
  return { session: guard.session(), recorder, logged }
}

function leakOf(model: string): string {
  return `select * from ${models.find((each) => each.model === model)?.table}`
}

// mutation ../../packages/sql/src/guard/guard.ts: const blocked = decided.find(({ decision }) => decision.action === 'block') => const blocked = decided.find(({ decision }) => decision.action === 'bypass')
it('blocks each model of the ENFORCE list, and names it in the error [69]', async () => {
  const { session, recorder } = await putUpWalls()
  for (const model of critical) {
    const blocked = (): unknown =>
      runWithTenant(acme, () => session.check({ text: leakOf(model), values: [] }))
    expect(blocked).toThrow(PartywallError)
    expect(blocked).toThrow(`TENANT_CONTEXT_REQUIRED: ${model}`)
    expect(recorder.totals().models[model]).toMatchObject({ blocks: 2 })
  }
})

// mutation ../../packages/rollout/src/compile.ts: byModel.set(model, outcome('log', 'log_list')) => byModel.set(model, outcome('allow', 'unlisted'))
it('logs each model of the LOG list, and lets the query go on [70]', async () => {
  const { session, recorder, logged } = await putUpWalls()
  for (const model of watched) {
    runWithTenant(globex, () => session.check({ text: leakOf(model), values: [] }))
    expect(recorder.totals().models[model]).toMatchObject({ violations: 1, blocks: 0 })
  }
  expect(logged.filter(([message]) => message === 'TENANT_VIOLATION')).toMatchObject(
    watched.map((model) => ['TENANT_VIOLATION', { model, action: 'select' }]),
  )
})

it('gives the models of the service the severities of the document [data 122]', () => {
  expect(schema.models).toEqual(declaredModels)
  expect(declaredModels).toMatchObject({
    User: 'CRITICAL',
    RefreshToken: 'CRITICAL',
    Role: 'HIGH',
    UserRole: 'HIGH',
    RolePermission: 'MEDIUM',
  })
})
