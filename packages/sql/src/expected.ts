import type { Guard } from './guard/guard.ts'
import { type Expected, hasMethods, isObject } from './known-options.ts'
import type { Catalogue } from './schema/catalogue.ts'
import type { DeclaredTable } from './schema/declared-table.ts'
import type { TenantSchema } from './schema/tenant-schema.ts'

const isName = (value: unknown): boolean => typeof value === 'string' && value !== ''
const areNames = (value: unknown): boolean => Array.isArray(value) && value.every(isName)

export const aName: Expected = { words: 'a name', fits: isName }
export const names: Expected = { words: 'a list of names', fits: areNames }
export const nameOrNames: Expected = {
  words: 'a name, or a list of names with at least one',
  fits: (value) => isName(value) || (Array.isArray(value) && value.length > 0 && areNames(value)),
}
export const aFunction: Expected = {
  words: 'a function',
  fits: (value) => typeof value === 'function',
}
export const aFlag: Expected = {
  words: 'true or false',
  fits: (value) => typeof value === 'boolean',
}

/** An object that is read by its own names: a Map, and what else is walked through, has none. */
export function recordOf(words: string): Expected {
  return { words, fits: (value) => isObject(value) && !(Symbol.iterator in value) }
}

export function oneOf(values: readonly string[]): Expected {
  return {
    words: values.map((each) => `'${each}'`).join(' or '),
    fits: (value) => values.some((each) => each === value),
  }
}

/** An option that may be left out. */
export function optional({ words, fits }: Expected): Expected {
  return { words, fits: (value) => value === undefined || fits(value) }
}

/** SQL, of which a caller says what it is. */
export function textOf(words: string): Expected {
  return { words, fits: (value) => typeof value === 'string' }
}

const guardMethods: readonly (keyof Guard)[] = ['session', 'adopt']

export const aGuard: Expected = {
  words: 'the guard that createGuard() resolves to',
  fits: (value) => hasMethods(value, guardMethods),
}

const schemaMethods: readonly (keyof TenantSchema)[] = [
  'relation',
  'view',
  'declaresType',
  'domain',
  'routineCode',
  'declaresFunction',
  'trustsExtension',
  'mayAggregate',
  'installs',
  'shadows',
]

export const aTenantSchema: Expected = {
  words: 'what defineTenantSchema() gives',
  fits: (value) =>
    hasMethods(value, schemaMethods) && hasMethods(Reflect.get(value, 'relations'), ['get']),
}

const catalogueLists: readonly (keyof Catalogue)[] = [
  'searchPath',
  'tables',
  'routines',
  'enums',
  'domains',
  'casts',
  'nullEquals',
]

export const aCatalogue: Expected = {
  words: 'what loadCatalogue() gives',
  fits: (value) =>
    isObject(value) &&
    catalogueLists.every((name) => Array.isArray(Reflect.get(value, name))) &&
    // Kept ones may be older than what follows: without `textSettings` nothing is taken to be harmless.
    Array.isArray(Reflect.get(value, 'textSettings') ?? []) &&
    partsHave(value, 'domains', 'routines') &&
    partsHave(value, 'extensions', 'types'),
}

function partsHave(catalogue: object, part: 'domains' | 'extensions', list: string): boolean {
  const parts: unknown = Reflect.get(catalogue, part)
  return (
    Array.isArray(parts) &&
    parts.every((each) => isObject(each) && Array.isArray(Reflect.get(each, list)))
  )
}

const declarationFits: Readonly<Record<DeclaredTable['kind'], (table: object) => boolean>> = {
  owner: (table) => isName(Reflect.get(table, 'column')),
  through: (table) => areNames(Reflect.get(table, 'through')),
  global: () => true,
}

/** What reads a catalogue, and what `loadSecurityCatalogue()` gives. */
export const aReader: Expected = {
  words: 'a pool or client of pg that is not guarded',
  fits: (value) => hasMethods(value, ['query']),
}
export const aSecurityCatalogue: Expected = {
  words: 'what loadSecurityCatalogue() gives',
  fits: (value) =>
    aCatalogue.fits(value) && Array.isArray(Reflect.get(value as object, 'security')),
}

export const aDeclaration: Expected = {
  words: 'what owner(), ownedThrough() or global() gives',
  fits: (value) =>
    isObject(value) &&
    Object.entries(declarationFits).some(
      ([kind, fits]) => Reflect.get(value, 'kind') === kind && fits(value),
    ),
}
