/** Extensions whose overloads of built-in names compute from their arguments alone. */
const trusted: ReadonlySet<string> = new Set([
  'btree_gin',
  'btree_gist',
  'citext',
  'cube',
  'earthdistance',
  'fuzzystrmatch',
  'hstore',
  'intarray',
  'isn',
  'ltree',
  'pg_trgm',
  'pgcrypto',
  'plpgsql',
  'postgis',
  'seg',
  'unaccent',
  'uuid-ossp',
  'vector',
])

export function isTrustedExtension(name: string): boolean {
  return trusted.has(name)
}
