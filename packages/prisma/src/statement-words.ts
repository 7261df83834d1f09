/** A piece of a statement: a quoted name, a text, a word, white space, or one character. */
export interface Word {
  readonly text: string
  /** How many parentheses are open around it. */
  readonly depth: number
  /** The name, where it is a quoted one. */
  readonly name: string | undefined
}

const piece = /"((?:[^"]|"")*)"|'(?:[^']|'')*'|\/\*.*?\*\/|\$\d+|[A-Za-z_]\w*|\s+|./gs

/** Splits what Prisma writes; of what others write nothing is promised. */
export function wordsOf(text: string): readonly Word[] {
  const words: Word[] = []
  let depth = 0
  for (const [whole, name] of text.matchAll(piece)) {
    if (whole === ')') depth -= 1
    words.push({ text: whole, depth, name: name?.replaceAll('""', '"') })
    if (whole === '(') depth += 1
  }
  return words
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** `schema.name` as it stands in a statement. */
export function quotedKey(key: string): string {
  return key.split('.').map(quoted).join('.')
}
