const functions = [
  'format',
  'json_agg',
  'json_build_array',
  'json_build_object',
  'jsonb_build_object',
  'lower',
  'split_part',
  'to_jsonb',
  'translate',
  'unnest',
]

/** Texts and comments stay as they are. */
const parts = new RegExp(
  [
    `(?<kept>'[^']*'|--.*)`,
    String.raw`(?<![\w.])(?<name>${functions.join('|')})(?=\()`,
    String.raw`::(?<type>\w+\b(?!\.))`,
    String.raw`(?<operator><>|<=|>=|!~|->>|\|\||[=<>~-])`,
  ].join('|'),
  'g',
)

/**
 * A query of ours in which functions, operators and types are PostgreSQL's own, whatever code of
 * somebody else the search path has: that could win by its arguments, and tell of another database.
 * IN and CASE cannot say whose equality they mean; beside texts without a type it is PostgreSQL's.
 */
export function byBuiltinNames(sql: string): string {
  return sql.replace(parts, (...match) => {
    const { kept, name, type, operator }: Record<string, string | undefined> = match.at(-1)
    if (name !== undefined) return `pg_catalog.${name}`
    if (type !== undefined) return `::pg_catalog.${type}`
    return operator === undefined ? String(kept) : `operator(pg_catalog.${operator})`
  })
}
