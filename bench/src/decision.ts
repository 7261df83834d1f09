import { InMemoryProvider, OpenFeature } from '@openfeature/server-sdk'
import { parseTenantId } from '@partywall/context'
import type { Violation } from '@partywall/context/spi'
import { createRollout } from '@partywall/rollout'
import type { Case } from './alone.ts'
import { decideAsDocumented, documentedFlags } from './documented-flags.ts'

const { TENANT_ENFORCEMENT_ENFORCE_MODELS: enforced, TENANT_ENFORCEMENT_LOG_MODELS: logged } =
  documentedFlags
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
      Object.assign(process.env, documentedFlags)
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
      const { enforcement } = createRollout({ models, environment: documentedFlags })
      return () => enforcement.decide(violation, undefined)
    },
    goalNs: 200,
  },
  {
    name: 'enforcement.refusal (kill switch)',
    prepare: () => {
      const { enforcement } = createRollout({ models, environment: documentedFlags })
      const acme = parseTenantId('acme')
      return () => enforcement.refusal(acme)
    },
  },
]
