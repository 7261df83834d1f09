import type { Parsed } from '../parse/parse.ts'
import { type Body, fields, tagged } from '../parse/syntax-tree.ts'
import { Unprovable, unsupported } from '../parse/unprovable.ts'
import type { Query } from '../proof/model.ts'
import type { StoredCode } from '../schema/stored-code.ts'
import type { TenantSchema } from '../schema/tenant-schema.ts'
import { translateOperand } from './expression.ts'
import { translateInsert } from './insert-statement.ts'
import { translateMerge } from './merge-statement.ts'
import { translateSelect } from './query.ts'
import { refuseStoredCode } from './stored-code.ts'
import { createTranslation, type Grammar, type QuerySite, type Translation } from './translation.ts'
import { translateDelete, translateUpdate } from './write-statement.ts'

/** Why nobody can tell what an expression of the database does; `undefined` where it is harmless. */
export function doubtOf(code: StoredCode, schema: TenantSchema): string | undefined {
  try {
    refuseStoredCode([code], createTranslation(schema, grammar, []))
    return undefined
  } catch (error) {
    if (error instanceof Unprovable) return error.message
    throw error
  }
}

/** What kind of statement a text is, for records. */
export const actions = ['select', 'insert', 'update', 'delete', 'merge', 'other'] as const
export type Action = (typeof actions)[number]

const actionOf: ReadonlyMap<string, Action> = new Map([
  ['SelectStmt', 'select'],
  ['InsertStmt', 'insert'],
  ['UpdateStmt', 'update'],
  ['DeleteStmt', 'delete'],
  ['MergeStmt', 'merge'],
])

/** The action of the first statement that reads or writes. */
export function actionOfAll(statements: readonly Body[]): Action {
  for (const statement of statements) {
    const action = actionOf.get(tagged(statement)[0])
    if (action !== undefined) return action
  }
  return 'other'
}

const rules: ReadonlyMap<string, (body: Body, site: QuerySite) => Query> = new Map([
  ['SelectStmt', translateSelect],
  ['InsertStmt', translateInsert],
  ['UpdateStmt', translateUpdate],
  ['DeleteStmt', translateDelete],
  ['MergeStmt', translateMerge],
])

const grammar: Grammar = {
  operand: translateOperand,
  query: (node, site) => {
    const [tag, body] = tagged(node)
    const rule = rules.get(tag)
    if (rule === undefined) throw unsupported(tag)
    return rule(body, { ...site, level: site.level + 1 })
  },
}

/** What a statement does to the transaction around it. */
export type TransactionChange = 'begin' | 'commit' | 'rollback' | 'rollback_to'

/** What a text means: its queries, and how its parameters are used. */
export interface Translated {
  readonly translation: Translation
  readonly queries: readonly Query[]
  readonly transaction: readonly TransactionChange[]
}

/** Translates every statement of a text. */
export function translateAll(
  { statements, furtherRows }: Parsed,
  schema: TenantSchema,
): Translated {
  const translation = createTranslation(schema, grammar, furtherRows)
  const queries: Query[] = []
  const transaction: TransactionChange[] = []
  for (const statement of statements) {
    const [tag, body] = tagged(statement)
    if (tag === 'TransactionStmt') {
      transaction.push(...transactionStatement(body))
    } else if (tag === 'VariableSetStmt') {
      setTransaction(body)
    } else {
      queries.push(
        grammar.query(statement, {
          translation,
          ctes: undefined,
          seen: [],
          // What writes has an action of its own.
          action: 'select',
          level: 0,
          parent: undefined,
          violation: 'missing_tenant_id',
        }),
      )
    }
  }
  if (translation.asksForDefaults) refuseStoredCode(translation.defaults, translation)
  if (translation.furtherRows.length > 0) throw unsupported('rows that no INSERT has')
  return { translation, queries, transaction }
}

const transactionKinds: ReadonlyMap<unknown, readonly TransactionChange[]> = new Map([
  ['TRANS_STMT_BEGIN', ['begin']],
  ['TRANS_STMT_START', ['begin']],
  ['TRANS_STMT_COMMIT', ['commit']],
  ['TRANS_STMT_ROLLBACK', ['rollback']],
  ['TRANS_STMT_SAVEPOINT', []],
  ['TRANS_STMT_RELEASE', []],
  ['TRANS_STMT_ROLLBACK_TO', ['rollback_to']],
])

function transactionStatement(body: Body): readonly TransactionChange[] {
  const { kind, chain } = fields(body, ['kind', 'options', 'savepoint_name', 'chain'])
  const changes = transactionKinds.get(kind)
  if (changes === undefined) throw unsupported(String(kind))
  // COMMIT AND CHAIN: the next transaction begins at once.
  return chain === true ? [...changes, 'begin'] : changes
}

/** SET TRANSACTION, and no other SET: what it sets is the transaction's own. */
function setTransaction(body: Body): void {
  const { kind, name, is_local } = fields(body, ['kind', 'name', 'args', 'is_local', 'jumble_args'])
  if (kind !== 'VAR_SET_MULTI' || name !== 'TRANSACTION' || is_local === true) {
    throw unsupported('SET')
  }
}
