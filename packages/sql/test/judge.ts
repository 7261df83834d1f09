import { createTenantContext } from '@partywall/context'
import type { Violation } from '@partywall/context/spi'
import type { TenantSchema } from '@partywall/sql'
import type { OwnKeys } from '../src/guard/own-keys.ts'
import { judge } from '../src/guard/verdict.ts'
import { violationsOf } from '../src/guard/violations.ts'
import { loadParser } from '../src/parse/parse.ts'
import type { Constant } from '../src/proof/model.ts'
import { schema } from './world.ts'

await loadParser()
const scope = {
  tenant: createTenantContext({ tenantId: 'acme', env: 'prod' }),
  system: undefined,
  operation: undefined,
}

/** What the guard finds in a statement of the corpus. */
export function violationsFor(text: string, values: readonly unknown[]): readonly Violation[] {
  return violationsIn(schema, text, values)
}

/** What the guard finds in a statement on the tables of a schema. */
export function violationsIn(
  tables: TenantSchema,
  text: string,
  values: readonly unknown[],
  keys?: OwnKeys,
): readonly Violation[] {
  const verdict = judge(text, tables, 65_536)
  return violationsOf({ verdict, values, keys, scope, statement: () => text })
}

/** The same as one line: each open model with its detail. */
export function reportedIn(
  tables: TenantSchema,
  text: string,
  values: readonly unknown[],
  keys?: OwnKeys,
): string {
  return violationsIn(tables, text, values, keys)
    .map(({ model, detail }) => (detail === undefined ? model : `${model} ${detail}`))
    .join(', ')
}

/** How each open relation is reported. */
export function kindsIn(tables: TenantSchema, text: string): string {
  return violationsIn(tables, text, [])
    .map(({ model, violation, action }) => `${model} ${violation} ${action}`)
    .join(', ')
}

/** What a text does to the transaction; `only` where it does nothing but take back. */
export function transactionOf(text: string): string {
  const { transaction, isRollback, unprovable } = judge(text, schema, 65_536)
  return [...transaction, ...(isRollback ? ['only'] : []), unprovable ?? []].flat().join(' ')
}

/** Which columns of its reply are keys of the tenant's rows, and when. */
export function givenIn(tables: TenantSchema, text: string): string {
  const { gives = [] } = judge(text, tables, 65_536)
  return gives
    .map(({ position, key, constants, keys = [] }) => {
      const when = constants.map(nameOf)
      const known = keys.flatMap((each) => each.constants.map((of) => `${each.key}=${nameOf(of)}`))
      return [position, key, ...new Set([...when, ...known])].join(' ')
    })
    .join(', ')
}

function nameOf(constant: Constant): string {
  return constant.kind === 'literal' ? constant.text : `$${constant.index}`
}
