import type { DriverQuery } from './postgres-driver.ts'
import { shownText } from './sealed-values.ts'

/** What postgres.js keeps of a statement on a connection, and uses again for the same text. */
interface DriverStatement {
  readonly string: string
  readonly name: string
  readonly types: readonly number[]
  readonly columns?: readonly DriverColumn[] | null
}

interface DriverColumn {
  readonly name: string
  readonly parser?: Parser | undefined
}

type Parser = ((text: string) => unknown) & { readonly array?: true }

interface DriverResult extends Array<unknown> {
  statement: DriverStatement | null
  columns: readonly DriverColumn[] | null
}

/** By the columns of a statement: the driver makes new ones where they change. */
const known = new WeakMap<object, DriverStatement>()
const copies = new WeakMap<object, readonly DriverColumn[]>()
/** Errors that were detached: whoever throws one again throws the same. */
const made = new WeakSet<Error>()
const parsers = new WeakMap<Parser, Parser>()

/**
 * An answer that does not lead to what the driver goes on with. A statement is the same object for
 * everybody who sends its text: who could rename it would run another one in its place, with the
 * values that were checked for the first, and its parsers see the rows of all.
 */
export function detachedAnswer(answer: unknown): unknown {
  if (Array.isArray(answer)) {
    for (const one of 'statement' in answer ? [answer] : answer) {
      if (Array.isArray(one) && 'statement' in one) detach(one as unknown as DriverResult)
    }
    return answer
  }
  return isStatement(answer) ? statementCopy(answer) : answer
}

/** The same of an error: its lists are the driver's, and its arguments what was sealed. */
export function detachedError(error: unknown, query?: DriverQuery): unknown {
  if (!(error instanceof Error) || !Object.hasOwn(error, 'types') || made.has(error)) return error
  const { types, args, parameters, ...own } = Object.getOwnPropertyDescriptors(
    error as Error & Record<'types' | 'args' | 'parameters', unknown>,
  )
  // What the driver defines can be changed by nobody: the error itself is made again.
  const copy = new Error(error.message)
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error))
  made.add(copy)
  return Object.defineProperties(copy, {
    ...own,
    types: { ...types, value: listCopy(types.value) },
    ...(args && { args: { ...args, value: listCopy(query?.args) } }),
    ...(parameters && { parameters: { ...parameters, value: textsOf(parameters.value) } }),
  })
}

/** Like the driver's own error of a connection that nobody can send by any more. */
export function connectionError(
  code: 'CONNECTION_CLOSED' | 'CONNECTION_DESTROYED' | 'CONNECTION_ENDED',
): Error {
  return Object.assign(new Error(`write ${code}`), { code, errno: code })
}

function detach(result: DriverResult): void {
  closeGap(result)
  const { statement } = result
  if (statement === null || Object.isFrozen(statement)) return
  result.statement = statementCopy(statement)
  // Of several statements in one text each has its own; the driver notes the last of them for all.
  result.columns &&= columnsCopy(result.columns)
}

/** The driver counts rows from those of a statement before that failed in their midst. */
function closeGap(result: DriverResult): void {
  if (result.length === 0 || 0 in result) return
  let first = 1
  while (!(first in result)) first += 1
  result.splice(0, first)
}

function statementCopy(statement: DriverStatement): DriverStatement {
  const { columns } = statement
  const found = columns && known.get(columns)
  if (found) return found
  const copy: DriverStatement = Object.freeze({
    ...statement,
    types: Object.freeze([...statement.types]),
    ...(columns && { columns: columnsCopy(columns) }),
  })
  if (columns) known.set(columns, copy)
  return copy
}

function columnsCopy(columns: readonly DriverColumn[]): readonly DriverColumn[] {
  const found = copies.get(columns)
  if (found !== undefined) return found
  const copy = Object.freeze(columns.map(columnCopy))
  copies.set(columns, copy)
  return copy
}

function columnCopy({ parser, ...column }: DriverColumn): DriverColumn {
  return Object.freeze({ ...column, parser: parser && parserCopy(parser) })
}

/** It reads a value as the driver does, and is no handle on the function that reads those of others. */
function parserCopy(parser: Parser): Parser {
  const found = parsers.get(parser)
  if (found !== undefined) return found
  const read = (text: string): unknown => parser(text)
  const copy: Parser = Object.freeze(
    parser.array === true ? Object.assign(read, { array: true as const }) : read,
  )
  parsers.set(parser, copy)
  return copy
}

function isStatement(answer: unknown): answer is DriverStatement {
  return typeof answer === 'object' && answer !== null && 'string' in answer && 'types' in answer
}

function listCopy(list: unknown): unknown {
  return Array.isArray(list) ? [...list] : undefined
}

/** Of parameters only what was sent as text: the rest never left. */
function textsOf(list: unknown): unknown {
  if (!Array.isArray(list)) return undefined
  return list.map((each: unknown) =>
    typeof each === 'object' && each !== null ? shownText(each) : each,
  )
}
