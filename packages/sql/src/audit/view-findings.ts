import type { Finding } from '../row-security/finding.ts'
import type { Inspection } from '../row-security/inspection.ts'
import { grantee, qualified } from '../row-security/quoted.ts'
import { readBy } from '../row-security/row-security-statements.ts'
import type { TableSecurity } from '../row-security/security-catalogue.ts'
import { keyOf } from '../schema/table-graph.ts'
import { isReached, reachedBy, withdrawn } from './reach.ts'

const invokerSince = 150_000

/** Views within reach of tenants that read their tables with the rights of somebody else. */
export function viewFindings(inspection: Inspection): readonly Finding[] {
  const { catalogue, graph } = inspection
  return catalogue.security.flatMap((view): readonly Finding[] => {
    const key = keyOf(view)
    const kind = graph.table(key)?.kind
    if (kind !== 'view' && kind !== 'materialized_view') return []
    const isOverTenants = readBy(key, catalogue.security).some(inspection.isOwned)
    if (!isOverTenants || view.invoker || !isReached(key, inspection)) return []
    return [kind === 'view' ? viewFinding(view, inspection) : materialized(key, inspection)]
  })
}

function viewFinding(view: TableSecurity, inspection: Inspection): Finding {
  const key = keyOf(view)
  const canInvoke = inspection.catalogue.serverVersion >= invokerSince
  return {
    rule: 'view-without-invoker',
    severity: 'HIGH',
    object: key,
    reason: canInvoke
      ? `${key} reads with the rights of ${view.owner}: policies for whoever asks do not hold`
      : `${key} reads with the rights of ${view.owner}, and views of this server have no others`,
    mend: canInvoke
      ? [`ALTER VIEW ${qualified(view)} SET (security_invoker = true)`]
      : withdrawn(key, inspection),
  }
}

function materialized(key: string, inspection: Inspection): Finding {
  return {
    rule: 'materialized-view',
    severity: 'HIGH',
    object: key,
    reason: `${key} keeps rows of all tenants together, and can have no policies`,
    mend: withdrawn(key, inspection),
  }
}

/** Who serves tenants, and may empty a table for all of them. */
export function truncateFindings(inspection: Inspection): readonly Finding[] {
  const { catalogue, isOwned } = inspection
  return catalogue.security
    .filter((table) => isOwned(keyOf(table)))
    .flatMap((table) => {
      // That an owner may do it is said of him as an owner.
      const names = reachedBy(keyOf(table), inspection, 'TRUNCATE').filter(
        (name) => name !== table.owner,
      )
      return names.map(
        (name): Finding => ({
          rule: 'truncate-granted',
          severity: 'HIGH',
          object: `${keyOf(table)} ${name}`,
          reason: `${name} may truncate ${keyOf(table)}, for all tenants: policies do not hold for TRUNCATE`,
          mend: [`REVOKE TRUNCATE ON ${qualified(table)} FROM ${grantee(name)}`],
        }),
      )
    })
}
