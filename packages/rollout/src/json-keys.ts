/** What the keys of a JSON document say that `JSON.parse` does not tell: it keeps the last of two equal ones. */
export interface JsonKeys {
  /** Whether any object of the document has a key twice. */
  readonly isRepeated: boolean
  /** Every plain value that the outermost object has under a key, in its order. */
  valuesOf(key: string): readonly unknown[]
}

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/gs

/** Reads the keys of `text`, which `JSON.parse` has taken already, however deep it is. */
export function keysOfJson(text: string): JsonKeys {
  // The keys of every object around; an array has none.
  const around: (Set<string> | undefined)[] = []
  const outermost: { readonly key: string; readonly value: unknown }[] = []
  let isRepeated = false
  let before = ''
  let key: string | undefined
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') {
      around.push(token === '{' ? new Set() : undefined)
      key = undefined
    } else if (token === '}' || token === ']') {
      around.pop()
    } else if (token === ':') {
      const keys = around.at(-1)
      key = String(JSON.parse(before))
      isRepeated ||= keys?.has(key) ?? false
      keys?.add(key)
    } else if (token === ',') {
      key = undefined
    } else if (key !== undefined && around.length === 1) {
      outermost.push({ key, value: JSON.parse(token) })
    }
    before = token
  }
  return {
    isRepeated,
    valuesOf: (wanted) => outermost.filter((it) => it.key === wanted).map(({ value }) => value),
  }
}
