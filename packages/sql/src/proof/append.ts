/** Adds to a list, however long the others are: spread arguments would have to fit the stack. */
export function append<Each>(into: Each[], others: Iterable<Each>): void {
  for (const each of others) into.push(each)
}
