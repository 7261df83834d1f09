import { InMemoryProvider, OpenFeature } from '@openfeature/server-sdk'
import { parseTenantId } from '@partywall/context'
import type { Violation } from '@partywall/context/spi'
import { createRollout } from '@partywall/rollout'
import type { Case } from './alone.ts'

const environment = {
  TENANT_ENFORCEMENT_ENABLED: 'true',
  TENANT_ENFORCEMENT_MODE: 'selective',
  TENANT_ENFORCEMENT_ENFORCE_MODELS: 'User,RefreshToken,PasswordResetToken,MfaBackupCode,AuditLog',
  TENANT_ENFORCEMENT_LOG_MODELS: 'Role,UserRole,SecurityAlert,RolePermission',
} as const
const { TENANT_ENFORCEMENT_ENFORCE_MODELS: enforced, TENANT_ENFORCEMENT_LOG_MODELS: logged } =
  environment
const models = Object.fromEntries(
  `${enforced},${logged}`.split(',').map((model) => [model, 'CRITICAL'] as const),
)
const violation: Violation = {
  surface: 'sql',
  model: 'SecurityAlert',
  action: 'select',
  violation: 'missing_tenant_id',
  severity: 'CRITICAL',
  shape: { statement: 'select 1', parameters: [] },
  stack: '',
}

/** What to do about one violation, in selective mode. */
export const decisionCases: readonly Case[] = [
  {
    name: 'flags read from process.env at each query, as document 001 shows them',
    prepare: () => {
      Object.assign(process.env, environment)
      return () => decideAsDocumented(violation.model)
    },
  },
  {
    name: 'OpenFeature client, provider in memory (awaits)',
    prepare: async () => {
      const flags = Object.fromEntries(
        Object.keys(models).map((model) => [
          model,
          {
            variants: { block: 'block', log: 'log' },
            defaultVariant: logged.includes(model) ? 'log' : 'block',
            disabled: false,
          },
        ]),
      )
      await OpenFeature.setProviderAndWait(new InMemoryProvider(flags))
      const client = OpenFeature.getClient()
      return () => client.getStringValue(violation.model, 'block')
    },
  },
  {
    name: 'enforcement.decide',
    prepare: () => {
      const { enforcement } = createRollout({ models, environment })
      return () => enforcement.decide(violation, undefined)
    },
    goalNs: 200,
  },
  {
    name: 'enforcement.refusal (kill switch)',
    prepare: () => {
      const { enforcement } = createRollout({ models, environment })
      const acme = parseTenantId('acme')
      return () => enforcement.refusal(acme)
    },
  },
]

/** The rules of document 001 in the order it gives them, read anew for each query. */
function decideAsDocumented(model: string): string {
  if (process.env['TENANT_ENFORCEMENT_ENABLED'] !== 'true') return 'off'
  const mode = process.env['TENANT_ENFORCEMENT_MODE']
  if (mode === 'disabled') return 'off'
  if (mode === 'log_only') return 'log'
  if (mode === 'enforce') return 'block'
  const enforce = (process.env['TENANT_ENFORCEMENT_ENFORCE_MODELS'] ?? '').split(',')
  if (enforce.includes(model)) return 'block'
  const log = (process.env['TENANT_ENFORCEMENT_LOG_MODELS'] ?? '').split(',')
  return log.includes(model) ? 'log' : 'allow'
}
