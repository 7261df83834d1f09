import type { ExitCode } from './exit-code.ts'
import type { Paint } from './layout.ts'

/** How a command ended: the same facts for programs and for people. */
export interface Outcome {
  readonly exitCode: ExitCode
  /** What `--json` prints under `result`. */
  readonly result: object
  /** What people read, without a newline at the end of the last line. */
  readonly text: (paint: Paint) => readonly string[]
}
