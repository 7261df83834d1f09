import type { TenantId } from '@partywall/context'
import {
  type Decision,
  type Enforcement,
  type Scope,
  unspecifiedReason,
  type Violation,
} from '@partywall/context/spi'
import type { ModeTable, Outcome, Rules } from './compile.ts'

/** What `decide` needs besides the rules in force. */
export interface DecideOptions {
  /** The tenant that is served while the kill switch is on. */
  readonly defaultTenant: TenantId
  /** Asked only for a tenant whose override ends. */
  readonly clock: () => number
}

/**
 * The enforcement of whatever rules are in force when it is asked. The order of a decision: kill
 * switch, always, enforcement off, rolled back, bypass, tenant override, mode and its lists.
 */
export function createEnforcement(rulesInForce: () => Rules, options: DecideOptions): Enforcement {
  const { defaultTenant, clock } = options
  return Object.freeze({
    get watching(): boolean {
      const { killed, always, off } = rulesInForce()
      return killed !== undefined || always !== undefined || off === undefined
    },
    decide(violation: Violation, scope: Scope | undefined): Decision {
      // Read once: a change of the settings in the middle of a decision is of no concern to it.
      const rules = rulesInForce()
      const tenantId = scope?.tenant?.tenantId
      if (rules.killed !== undefined && tenantId !== defaultTenant) return rules.killed
      if (rules.always !== undefined) {
        return rules.bypass !== undefined && isDocumentedJob(rules, violation, scope)
          ? rules.bypass
          : rules.always
      }
      if (rules.off !== undefined) return rules.off
      if (rules.rolledBack !== undefined) return pick(rules.rolledBack, violation, rules)
      if (rules.bypass !== undefined && mayBypass(rules, scope)) return rules.bypass
      return pick(tableFor(rules, tenantId, clock), violation, rules)
    },
    refusal(tenantId: TenantId): Decision | undefined {
      const { killed } = rulesInForce()
      return killed !== undefined && tenantId !== defaultTenant ? killed : undefined
    },
  })
}

function tableFor(rules: Rules, tenantId: TenantId | undefined, clock: () => number): ModeTable {
  if (rules.tenants === undefined || tenantId === undefined) return rules.mode
  const own = rules.tenants.get(tenantId)
  if (own === undefined) return rules.mode
  return own.until === Number.POSITIVE_INFINITY || clock() < own.until ? own.table : own.after
}

function pick(table: ModeTable, violation: Violation, rules: Rules): Decision {
  const outcome: Outcome = table.byModel.get(violation.model) ?? table.unknown
  if (outcome.decision === outcome.unsampled) return outcome.decision
  return Math.random() < rules.sampleRate ? outcome.decision : outcome.unsampled
}

function mayBypass(rules: Rules, scope: Scope | undefined): boolean {
  const system = scope?.system
  if (system === undefined || system.actor.trim() === '') return false
  const named = system.reason.trim() !== '' && system.reason !== unspecifiedReason
  return named || !rules.bypassRequiresReason
}

function isDocumentedJob(rules: Rules, violation: Violation, scope: Scope | undefined): boolean {
  const { system, operation } = scope ?? {}
  // Anybody can claim an actor and a reason; what was documented is one job.
  if (system === undefined || operation?.kind !== 'job') return false
  return rules.jobs.some(
    (job) =>
      job.name === operation.endpoint &&
      job.actor === system.actor &&
      job.reason === system.reason &&
      job.models.includes(violation.model),
  )
}
