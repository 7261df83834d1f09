import type { UsedRoutine } from './catalogue.ts'
import { isPlainName } from './table-graph.ts'
import type { TenantSchema } from './tenant-schema.ts'

/**
 * What views and stored code run of somebody's own without a word, as a sentence: their text says
 * `NULLIF` or `USING` whatever `=` they were made with, and a cast that is gone from the database goes
 * on in them. `undefined` where all of it is known to be harmless.
 */
export function strangerAmong(
  uses: readonly UsedRoutine[] | null | undefined,
  schema: TenantSchema,
): string | undefined {
  const stranger = uses?.find((each) => !isKnown(each, schema))
  if (stranger === undefined) return undefined
  const { kind, schema: home, name } = stranger
  return `it runs the ${kind} ${home}.${name}, which its text may not show; ${mendOf(stranger)}`
}

function mendOf({ kind, extension }: UsedRoutine): string {
  if (extension !== null) return `declare ${extension} in \`extensions\` if that only computes`
  return kind === 'function'
    ? 'declare it in `functions` if it only computes'
    : 'make it again where the search path finds the built-in one'
}

function isKnown(used: UsedRoutine, declared: TenantSchema): boolean {
  const { kind, schema, name, visible, extension } = used
  if (extension !== null && declared.trustsExtension(extension)) return true
  if (kind === 'operator' || !isPlainName(`${schema}.${name}`)) return false
  // Its bare name means another one where the search path does not find it.
  return (
    declared.declaresFunction(`${schema}.${name}`) || (visible && declared.declaresFunction(name))
  )
}
