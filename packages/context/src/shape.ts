/** What a value looks like without saying what it is, for messages: `a string of 3 characters`. */
export function shapeOf(value: unknown): string {
  if (typeof value === 'string') {
    if (value === '') return 'an empty string'
    const plural = value.length === 1 ? '' : 's'
    return `a string of ${value.length} character${plural}`
  }
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
