import type { Finding } from '../row-security/finding.ts'
import type { Inspection } from '../row-security/inspection.ts'
import { qualified, quoted } from '../row-security/quoted.ts'
import { isGranted } from '../row-security/roles.ts'
import { readBy } from '../row-security/row-security-statements.ts'
import type { Overload } from '../row-security/security-catalogue.ts'
import type { StoredCode } from '../schema/stored-code.ts'
import { keyOf } from '../schema/table-graph.ts'
import { castDoubt } from '../schema/user-casts.ts'
import { doubtOf } from '../translate/statement.ts'
import { isReached } from './reach.ts'

/** Code of the database's own that runs with other rights, or in the place of something else. */
export function codeFindings(inspection: Inspection): readonly Finding[] {
  return [definers, rewrites, overloads, storedCode, casts].flatMap((rule) => rule(inspection))
}

function definers({ catalogue, serving }: Inspection): readonly Finding[] {
  return catalogue.definers
    .filter(({ callers }) => callers.some((caller) => isGranted(caller, serving)))
    .map(({ signature, owner }) => ({
      rule: 'definer-function',
      severity: 'HIGH',
      object: signature,
      reason: `${signature} runs with the rights of ${owner}: policies for whoever calls it do not hold`,
      mend: [`ALTER ROUTINE ${signature} SECURITY INVOKER`],
    }))
}

function rewrites(inspection: Inspection): readonly Finding[] {
  return inspection.catalogue.tables.flatMap((table) => {
    const key = keyOf(table)
    const harm = harmOfRules(key, inspection)
    if (harm === undefined) return []
    return table.rules.map(
      (rule): Finding => ({
        rule: 'rule-on-table',
        severity: 'HIGH',
        object: `${key} ${rule}`,
        reason: `the rule ${rule} of ${key} ${harm}`,
        mend: [`DROP RULE ${quoted(rule)} ON ${qualified(table)}`],
      }),
    )
  })
}

function harmOfRules(key: string, inspection: Inspection): string | undefined {
  const { catalogue, declaredAs, isOwned, security } = inspection
  if (declaredAs(key) !== undefined) {
    return 'puts another statement in the place of the one that was proved'
  }
  // Of a view, what its rules use counts as read by it.
  if (!readBy(key, catalogue.security).some(isOwned) || !isReached(key, inspection))
    return undefined
  return `works with the rights of ${security(key)?.owner}, also where the view does not: policies for whoever asks do not hold`
}

/** Out of the path, and still there for whatever uses it already. */
const asideSchema = quoted('partywall_aside')

function overloads({ catalogue, declared }: Inspection): readonly Finding[] {
  return catalogue.overloads
    .filter(({ extension }) => extension === null || !declared.trustsExtension(extension))
    .filter(({ kind, name }) => kind === 'operator' || !declared.declaresFunction(name))
    .map((overload) => ({
      rule: 'overload-in-path',
      severity: 'CRITICAL',
      object: `${overload.kind} ${overload.signature}`,
      reason: `${overload.signature} wins over what is built in where its operands fit better: what was proved may not be what runs${fromExtension(overload)}`,
      mend: [`CREATE SCHEMA IF NOT EXISTS ${asideSchema}`, putAside(overload)],
    }))
}

function fromExtension({ extension }: Overload): string {
  return extension === null ? '' : `; declare the extension ${extension} if it only computes`
}

function putAside({ kind, signature, extension }: Overload): string {
  if (extension !== null) return `ALTER EXTENSION ${quoted(extension)} SET SCHEMA ${asideSchema}`
  const what = kind === 'operator' ? 'OPERATOR' : 'ROUTINE'
  return `ALTER ${what} ${signature} SET SCHEMA ${asideSchema}`
}

/** What the server computes by itself for a table of tenants, which the guard refuses to let it. */
function storedCode({ live: schema }: Inspection): readonly Finding[] {
  const codes = [...schema.relations.values()].flatMap(({ live }) => {
    const { read = [], write = [], defaults = new Map<string, never>() } = live?.code ?? {}
    return [...read, ...write, ...[...defaults.values()].flat()]
  })
  const found = new Map<string, Finding>()
  for (const code of codes) {
    const object = [code.of, code.name].filter((part) => part !== '').join(' ')
    const doubt = found.has(object) ? undefined : doubtOf(code, schema)
    if (doubt === undefined) continue
    found.set(object, {
      rule: 'stored-code',
      severity: 'HIGH',
      object,
      reason: `${doubt}; until then statements that run it are refused`,
      mend: [withoutCode(code)],
    })
  }
  return [...found.values()]
}

function withoutCode({ kind, of, name }: StoredCode): string {
  const [schema = '', ...rest] = of.split('.')
  const owner = qualified({ schema, name: rest.join('.') })
  switch (kind) {
    case 'default':
      return `ALTER TABLE ${owner} ALTER COLUMN ${quoted(name)} DROP DEFAULT`
    case 'generated':
      return `ALTER TABLE ${owner} ALTER COLUMN ${quoted(name)} DROP EXPRESSION`
    case 'check':
      return `ALTER TABLE ${owner} DROP CONSTRAINT ${quoted(name)}`
    case 'policy':
      return `DROP POLICY ${quoted(name)} ON ${owner}`
    case 'domain_default':
      return `ALTER DOMAIN ${owner} DROP DEFAULT`
    case 'domain_check':
      return `ALTER DOMAIN ${owner} DROP CONSTRAINT ${quoted(name)}`
  }
}

function casts({ catalogue, declared }: Inspection): readonly Finding[] {
  return catalogue.casts.flatMap((cast): readonly Finding[] => {
    const doubt = castDoubt(cast, declared)
    if (doubt === undefined) return []
    const { from, to, function: name } = cast
    return [
      {
        rule: 'cast-by-function',
        severity: 'HIGH',
        object: `cast ${from} as ${to}`,
        reason: `${name} runs wherever a value of ${from} is wanted as ${to}; ${doubt}`,
        mend: [`DROP CAST (${from} AS ${to})`],
      },
    ]
  })
}
