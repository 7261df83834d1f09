import type { Scope, ViolationDetail } from '@partywall/context/spi'
import type { Claim, Verdict } from './verdict.ts'

/** How to mend a relation that is not confined, for a person: never a value of the statement. */
export function hintFor({ constants, keys, because, written }: Claim, scope?: Scope): string {
  if (scope?.tenant === undefined) {
    return 'no tenant is in scope: run it within runWithTenant, or within runAsSystem where it is for all'
  }
  if (constants !== undefined && keys === undefined) {
    const values = new Set(
      constants.map((each) => (each.kind === 'literal' ? 'the literal' : `$${each.index}`)),
    )
    return `it is confined to another tenant, or to none: ${[...values].join(', ')} must be the tenant of the scope`
  }
  if (because !== undefined) return because
  return howToConfine(written)
}

/** What closes a relation that is open for no reason of its own. */
export function howToConfine(written: boolean): string {
  return written
    ? 'list the owner column with the tenant in every row, also in ON CONFLICT'
    : 'compare its owner column itself with the tenant in WHERE, or in ON of the JOIN or LEFT JOIN that adds it'
}

const mends: Readonly<Record<ViolationDetail, string>> = {
  unparsable: 'PostgreSQL does not read this text, or it is longer than maxTextLength',
  unknown_relation: 'declare the relation in the tenant schema',
  unsupported: 'write it otherwise, or send it within runAsSystem: the proof does not model it',
  opaque: 'nobody can tell what would be sent: give a text and plain values',
  foreign_value: 'it belongs to another tenant',
  tenant_write: 'it would write rows that are not of one tenant alone',
}

/** The same of a statement of which nobody can say what it touches. */
export function hintForAll(
  detail: ViolationDetail,
  { unprovable, obstacle = '' }: Pick<Verdict, 'unprovable' | 'obstacle'>,
): string {
  // What the parser complains of may quote the text.
  const isNamed = detail === unprovable && detail !== 'unparsable' && obstacle !== ''
  return isNamed ? `${obstacle}: ${mends[detail]}` : mends[detail]
}
