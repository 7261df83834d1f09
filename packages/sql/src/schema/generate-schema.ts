import type { Catalogue } from './catalogue.ts'
import { ownerTypes } from './column-type.ts'
import { type DerivedSchemaOptions, derive } from './derive-schema.ts'
import type { DeclaredTable } from './tenant-schema.ts'

/**
 * The declarations of {@link deriveTenantSchema} as the text of a TypeScript module, to be read,
 * corrected and kept.
 * @throws {@link SqlGuardError} as {@link deriveTenantSchema} does
 */
export function generateTenantSchema(catalogue: Catalogue, options: DerivedSchemaOptions): string {
  const { tables, owners, referred, defaultSchema, undeclarable } = derive(catalogue, options)
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
  const makers = new Set([...tables.values()].map(({ kind }) => makerOf[kind]))
  const inSchema = defaultSchema === 'public' ? '' : `, { defaultSchema: ${quoted(defaultSchema)} }`
  return [
    `import { defineTenantSchema, ${[...makers].sort().join(', ')}, type TenantSchema } from '${home}'`,
    '',
    'export const schema: TenantSchema = defineTenantSchema({',
    ...[...lines, ...left].map((line) => `  ${line}`),
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
  if (table.kind === 'global') return 'global()'
  if (table.kind === 'through') {
    const columns = table.through.map(quoted)
    return `ownedThrough(${columns.length === 1 ? columns[0] : `[${columns.join(', ')}]`})`
  }
  const options = table.type === 'text' ? '' : `, { type: ${quoted(table.type)} }`
  return `owner(${quoted(table.column)}${options})`
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
