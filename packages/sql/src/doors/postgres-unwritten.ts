import { type SealedValue, unwritten } from './sealed-values.ts'

/** What the driver keeps of a statement that it was given. */
export interface Written {
  describeFirst?: unknown
  onlyDescribe?: unknown
  reject(error: unknown): void
}

/** As many as the driver sends. */
const maxValues = 65_534

/**
 * Throws what the driver would throw while it writes: then it fails the statement that runs in place of
 * its own, and everybody gets the answer to another one.
 */
export function checkCount(values: readonly unknown[]): void {
  if (values.length < maxValues) return
  const code = 'MAX_PARAMETERS_EXCEEDED'
  const message = `${code}: Max number of parameters (${maxValues}) exceeded`
  throw Object.assign(new Error(message), { code })
}

const fourBytes = Buffer.alloc(4)

/** The same of what the protocol has four bytes for: types, and how many rows are asked for at once. */
export function checkNumber(value: number): void {
  if (value !== 0) fourBytes.writeUInt32BE(value)
}

/** Has a statement fail by itself where something of the user's throws while the driver has it. */
export function failAlone(statement: Written, values: readonly (SealedValue | null)[]): void {
  const { reject } = statement
  for (const each of values) each?.sendWith(statement)
  statement.reject = (error) => {
    // What throws before the server was asked has ended it already: the driver would go on, and end
    // it once more.
    statement.describeFirst = false
    statement.onlyDescribe = false
    reject(writingError(values, error))
  }
}

/** Of a value that could not be written its own error, with what the driver says of a statement. */
function writingError(values: readonly (SealedValue | null)[], answered: unknown): unknown {
  const failed = values.find((each) => each?.failure !== undefined)?.failure
  if (failed === undefined || typeof answered !== 'object' || answered === null) return answered
  const error: unknown = failed.error instanceof Error ? failed.error : new Error(`${failed.error}`)
  const { query, parameters, args, types } = Object.getOwnPropertyDescriptors(
    answered as Record<'query' | 'parameters' | 'args' | 'types', unknown>,
  )
  if (query === undefined || !Object.isExtensible(error)) return error
  const given = Array.isArray(parameters?.value) ? parameters.value : []
  const shown = given.map((text: unknown, i) => (text === unwritten ? values[i] : text))
  return Object.defineProperties(error, {
    query,
    types,
    args,
    parameters: { ...parameters, value: shown },
  })
}
