import type { Catalogue } from './catalogue.ts'
import { isExtensionCode } from './extension-code.ts'
import type { CodeSource, StoredCode } from './stored-code.ts'
import { isPlainName } from './table-graph.ts'
import type { TenantSchema } from './tenant-schema.ts'

/** What the names of types mean in a database: those that the search path finds, or with their schema. */
export interface NamedTypes {
  isEnum(name: string): boolean
  /** Whether an extension has brought this type, and it is known to be harmless. */
  isOfExtension(name: string, schema?: string): boolean
  /** What a cast to it computes, where it is a domain, or is declared and may hold some. */
  codeOf(name: string): readonly StoredCode[] | undefined
  /** What a call by this name computes where it is a cast: to a type that is, or holds, domains. */
  callCode(name: string): readonly StoredCode[]
}

export function namedTypes(
  declared: TenantSchema,
  { enums, domains, extensions, searchPath }: Catalogue,
  ofType: CodeSource['ofType'],
): NamedTypes {
  const ofEnums = new Set(enums)
  const ofDomains = new Map(
    domains
      .filter(({ name }) => isPlainName(name))
      .flatMap(({ name, names }) => names.map((each) => [each, ofType(name)] as const)),
  )
  const bringers = new Map(
    extensions.flatMap(({ name, types }) => types.map((each) => [each, name] as const)),
  )
  /** Which of them the path finds is not asked: it would be another one than was declared. */
  const held = (name: string): readonly StoredCode[] =>
    [name, ...searchPath.map((schema) => `${schema}.${name}`)].flatMap(ofType)
  return {
    isEnum: (name) => ofEnums.has(name),
    isOfExtension(name, schema) {
      const bringer = bringers.get(schema === undefined ? name : `${schema}.${name}`)
      return bringer !== undefined && isExtensionCode(new Set([bringer]), 'type', name)
    },
    codeOf: (name) => ofDomains.get(name) ?? (declared.declaresType(name) ? held(name) : undefined),
    callCode: held,
  }
}
