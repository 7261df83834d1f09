/**
 * What libraries above `pg` ask of a new connection for themselves, letter by letter, where the guard
 * would not prove it. None of it has a parameter, reads a table of yours or depends on a tenant;
 * anything else that a library asks is looked at like all the rest. Kysely and postgres.js bring
 * nothing of the kind.
 */
const chatter: ReadonlySet<string> = new Set([
  // Sequelize 6, with its default settings.
  `SET client_min_messages TO warning;SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE;`,
  "WITH ranges AS (  SELECT pg_range.rngtypid, pg_type.typname AS rngtypname,         pg_type.typarray AS rngtyparray, pg_range.rngsubtype    FROM pg_range LEFT OUTER JOIN pg_type ON pg_type.oid = pg_range.rngtypid)SELECT pg_type.typname, pg_type.typtype, pg_type.oid, pg_type.typarray,       ranges.rngtypname, ranges.rngtypid, ranges.rngtyparray  FROM pg_type LEFT OUTER JOIN ranges ON pg_type.oid = ranges.rngsubtype WHERE (pg_type.typtype IN('b', 'e'));",
])

/** Whether this is a library's own question, which nobody needs to prove. */
export function isChatter(text: string, values: readonly unknown[]): boolean {
  return values.length === 0 && chatter.has(text)
}
