const loneSurrogate = /\p{Surrogate}/u

/** The server ends a text at a NUL, and drivers make something of their own of half a character. */
export function isWhole(text: string): boolean {
  return !text.includes('\0') && !loneSurrogate.test(text)
}
