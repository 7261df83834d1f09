import { execFileSync } from 'node:child_process'

const [, program = '', ...words] = process.argv

/** `--short`: to see that everything works. Its figures are too rough to keep. */
export const isShort: boolean = words.includes('--short')

/** What was asked for: a suite or a group, and the number of a part where it is to run here. */
export const asked: readonly string[] = words.filter((word) => word !== '--short')

/** Runs one part of a suite in a process of its own, and gives what it prints. */
export function runPart(suite: string, part: number): string {
  const options = isShort ? ['--short'] : []
  const command = ['--expose-gc', program, suite, String(part), ...options]
  return execFileSync(process.execPath, command, { encoding: 'utf8' })
}
