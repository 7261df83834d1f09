import type { Catalogue } from './catalogue.ts'
import { ownerTypes } from './column-type.ts'
import { type DeclaredTable, global, owner } from './declared-table.ts'
import { type DerivedSchemaOptions, derive } from './derive-schema.ts'

/**
 * The declarations of {@link deriveTenantSchema} as the text of a TypeScript module, to be read,
 * corrected and kept.
 * @throws {@link SqlGuardError} as {@link deriveTenantSchema} does
 */
export function generateTenantSchema(catalogue: Catalogue, options: DerivedSchemaOptions): string {
  const derivation = derive(catalogue, options)
  const { tables, owners, referred, leftOut, defaultSchema, undeclarable, unprovable } = derivation
  const entry = ([name, table]: readonly [string, DeclaredTable]): readonly string[] => {
    const { type, notNull } = owners.get(name) ?? { type: 'text', notNull: true }
    const isUsable = ownerTypes.some((each) => each === type)
    return [
      ...(isUsable ? [] : [`// Of type ${inComment(type)}: ALTER it to ${ownerTypes.join(', ')}.`]),
      ...(notNull ? [] : [`// NULL is nobody's, or everybody's to read with { shared: 'null' }.`]),
      ...(referred.has(name) && table.kind === 'owner'
        ? [
            `// Owner columns refer to its ${inComment(table.column)}: the tenants, or what is theirs.`,
          ]
        : []),
      ...(leftOut.get(name) ?? []).map(
        (column) =>
          `// Not by ${inComment(column)}, which may refer to rows without an owner: add it where those are nobody's.`,
      ),
      `${property(name)}: ${declaration(table)},`,
    ]
  }
  const lines = kinds.flatMap(([kind, says]) => {
    const entries = [...tables].filter(([, table]) => table.kind === kind)
    return entries.length === 0 ? [] : [`// ${says}`, ...entries.flatMap(entry)]
  })
  const left = undeclarable.map(
    (name) => `// No declaration can have the name ${inComment(name)}: no statement may use it.`,
  )
  const trusting = [...unprovable].flatMap(([name, { kind, columns }]) => {
    const what = kind === 'foreign_table' ? 'foreign table' : 'materialised view'
    const column = columns.find((each) => each.name === options.ownerColumn)
    const type = ownerTypes.find((each) => each === column?.type) ?? 'text'
    const by = column === undefined ? undefined : owner(column.name, { type, trusted: true })
    return [
      `// Nobody can prove whose rows the ${what} ${name} holds. If you vouch for them:`,
      `// ${property(name)}: ${declaration(by ?? global({ trusted: true }))},`,
    ].map(inComment)
  })
  const makers = new Set([...tables.values()].map(({ kind }) => makerOf[kind]))
  const inSchema = defaultSchema === 'public' ? '' : `, { defaultSchema: ${quoted(defaultSchema)} }`
  return [
    `import { defineTenantSchema, ${[...makers].sort().join(', ')}, type TenantSchema } from '${home}'`,
    '',
    'export const schema: TenantSchema = defineTenantSchema({',
    ...[...lines, ...left, ...trusting].map((line) => `  ${line}`),
    `}${inSchema})`,
    '',
  ].join('\n')
}

const home = '@partywall/sql'

const makerOf = { owner: 'owner', through: 'ownedThrough', global: 'global' } as const

/** In this order. */
const kinds = [
  ['owner', `Each row is one tenant's. Raise what matters most to { severity: 'CRITICAL' }.`],
  ['through', `Each row is the tenant's whose row it refers to, by every one of these columns.`],
  ['global', `Without an owner: everybody's to read, nobody's to write. Is that so?`],
] as const

function declaration(table: DeclaredTable): string {
  if (table.kind === 'through') {
    const columns = table.through.map(quoted)
    return `ownedThrough(${columns.length === 1 ? columns[0] : `[${columns.join(', ')}]`})`
  }
  const trusted = table.trusted ? ['trusted: true'] : []
  if (table.kind === 'global') return `global(${inBraces(trusted)})`
  const type = table.type === 'text' ? [] : [`type: ${quoted(table.type)}`]
  const options = inBraces([...type, ...trusted])
  return `owner(${[quoted(table.column), ...(options === '' ? [] : [options])].join(', ')})`
}

function inBraces(options: readonly string[]): string {
  return options.length === 0 ? '' : `{ ${options.join(', ')} }`
}

function property(name: string): string {
  // As a plain property it would be the prototype.
  if (name === '__proto__') return `['__proto__']`
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)
}

/** What JSON escapes, JavaScript reads. */
function quoted(text: string): string {
  return /^[\w .$-]*$/.test(text) ? `'${text}'` : JSON.stringify(text)
}

/** A name with a line break in it must not end a comment. */
function inComment(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
}
