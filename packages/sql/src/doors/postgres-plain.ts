import type { CompiledStatement, DriverQuery } from './postgres-driver.ts'

/** What the driver sends as it is, with no type of its own. */
type PlainValue = string | number

function isPlain(value: unknown): value is PlainValue {
  return typeof value === 'string' || typeof value === 'number'
}

/** Of templates, which nobody can change: one for each place in a program. */
const texts = new WeakMap<readonly string[], string>()

/**
 * What the driver would print of a query that has no part but plain values: most have none. Of every
 * other query `undefined`.
 */
export function plainStatement({
  tagged,
  strings,
  args,
}: DriverQuery): CompiledStatement | undefined {
  if (!args.every(isPlain)) return undefined
  const values = [...args]
  if (!tagged) return { text: strings[0] ?? '', values, types: [] }
  if (strings.length !== args.length + 1) return undefined
  return { text: texts.get(strings) ?? textOf(strings), values, types: [] }
}

function textOf(strings: readonly string[]): string {
  let text = strings[0] ?? ''
  for (let i = 1; i < strings.length; i += 1) text += `$${i}${strings[i]}`
  if (Object.isFrozen(strings)) texts.set(strings, text)
  return text
}
