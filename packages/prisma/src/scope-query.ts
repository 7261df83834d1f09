import { currentTenant } from '@partywall/context'
import { type ScopedStatement, type ScopeOptions, scopeStatement } from './scope-statement.ts'
import type { AdapterQuery, ArgType } from './sent-query.ts'

/** Prisma writes new texts for lists of every length, and lists of 32 766 keys. */
const rememberedTexts = 1000
const rememberedLength = 10_000

/** Writes the tenant of the scope into queries; texts are rewritten once. */
export function createQueryScope(options: ScopeOptions): (query: AdapterQuery) => AdapterQuery {
  const known = new Map<string, ScopedStatement | undefined>()

  function scoped(text: string, parameters: number): ScopedStatement | undefined {
    if (text.length > rememberedLength) return scopeStatement(text, parameters, options)
    if (known.has(text)) return known.get(text)
    if (known.size >= rememberedTexts) known.clear()
    const found = scopeStatement(text, parameters, options)
    known.set(text, found)
    return found
  }

  return (query) => {
    const tenant = currentTenant()
    if (tenant === undefined || options.models.size === 0) return query
    const found = scoped(query.sql, query.args.length)
    if (found === undefined) return query
    const keys = found.keys.map(({ tenantKey }) => tenantKey(tenant.tenantId, tenant.env))
    return {
      sql: found.text,
      args: [...query.args, ...keys],
      argTypes: [...query.argTypes, ...keys.map(typeOf)],
    }
  }
}

function typeOf(key: unknown): ArgType {
  const scalarType = typeof key === 'bigint' ? 'bigint' : typeof key === 'number' ? 'int' : 'string'
  return { scalarType, arity: 'scalar' }
}
