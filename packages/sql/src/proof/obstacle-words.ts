/** What people call the nodes and fields of PostgreSQL's syntax tree that the proof does not model. */
const words: ReadonlyMap<string, string> = new Map([
  ['ClosePortalStmt', 'CLOSE'],
  ['CreateStmt', 'CREATE TABLE'],
  ['CreateSeqStmt', 'CREATE SEQUENCE'],
  ['CreateTrigStmt', 'CREATE TRIGGER'],
  ['CurrentOfExpr', 'WHERE CURRENT OF'],
  ['IndexStmt', 'CREATE INDEX'],
  ['RangeTableFunc', 'XMLTABLE'],
  ['RangeTableSample', 'TABLESAMPLE'],
  ['RefreshMatViewStmt', 'REFRESH MATERIALIZED VIEW'],
  ['RenameStmt', 'ALTER … RENAME'],
  ['RuleStmt', 'CREATE RULE'],
  ['VariableSetStmt', 'SET'],
  ['VariableShowStmt', 'SHOW'],
  ['ViewStmt', 'CREATE VIEW'],
  ['XmlExpr', 'an XML function'],
  ['XmlSerialize', 'XMLSERIALIZE'],
  ['field gid', 'PREPARE TRANSACTION, and what ends one'],
  ['field catalogname', 'a name with a database in it'],
  ['field intoClause', 'SELECT INTO'],
  ['field isNatural', 'NATURAL JOIN'],
  ['field join_using_alias', 'an alias of JOIN … USING'],
])

/** An obstacle in the words of SQL: `COPY` for `CopyStmt`. */
export function inWords(obstacle: string): string {
  const known = words.get(obstacle)
  if (known !== undefined) return known
  const [, statement] = /^([A-Z][A-Za-z]*)Stmt$/.exec(obstacle) ?? []
  if (statement !== undefined) return statement.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toUpperCase()
  const [, ofTransaction] = /^TRANS_STMT_([A-Z_]+)$/.exec(obstacle) ?? []
  if (ofTransaction === undefined) return obstacle
  return ofTransaction === 'PREPARE' ? 'PREPARE TRANSACTION' : ofTransaction.replaceAll('_', ' ')
}
