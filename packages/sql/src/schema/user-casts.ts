import type { CatalogueCast } from './catalogue.ts'
import { isHarmful } from './harmful-functions.ts'
import { isPlainName } from './table-graph.ts'
import type { TenantSchema } from './tenant-schema.ts'

/** Why nobody knows that a cast only computes, and what to do; `undefined` where it is known. */
export function castDoubt(cast: CatalogueCast, declared: TenantSchema): string | undefined {
  if (cast.function.startsWith('pg_catalog.')) {
    return isHarmful(cast.function)
      ? 'drop it, that function reads or changes more than its argument'
      : undefined
  }
  return isDeclared(cast, declared)
    ? undefined
    : 'declare it in `functions` if it only computes, with its schema where the path does not find it'
}

/** A name without a schema is that of what the path finds, and says nothing of what is called alike. */
function isDeclared({ function: name, visible }: CatalogueCast, declared: TenantSchema): boolean {
  if (!isPlainName(name)) return false
  const bare = name.slice(name.indexOf('.') + 1)
  return declared.declaresFunction(name) || (visible && declared.declaresFunction(bare))
}
