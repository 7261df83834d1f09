import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a command answered. */
export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Somebody at a terminal, outside of every process of the service. */
export interface Operator {
  /** The file that `node` runs for a command. */
  readonly program: string
  /** Runs `partywall` with these arguments, and waits. */
  run(argv: readonly string[]): Promise<CommandResult>
  /** The same with `--json`; the document that it printed. */
  ask(argv: readonly string[]): Promise<{ readonly exitCode: number; readonly said: unknown }>
}

export function createOperator(
  entry: URL,
  environment: Readonly<Record<string, string>>,
  beforeEach: () => void,
): Operator {
  const run = (argv: readonly string[]): Promise<CommandResult> =>
    new Promise((resolve, reject) => {
      beforeEach()
      const child = spawn(process.execPath, [fileURLToPath(entry), ...argv], {
        env: { ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let [stdout, stderr] = ['', '']
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
      })
      child.once('error', reject)
      child.once('close', (code) => resolve({ exitCode: code ?? 1, stdout, stderr }))
    })
  return {
    program: fileURLToPath(entry),
    run,
    async ask(argv) {
      const { exitCode, stdout, stderr } = await run([...argv, '--json'])
      try {
        return { exitCode, said: JSON.parse(stdout) }
      } catch (cause) {
        throw new Error(`partywall ${argv.join(' ')} printed no JSON: ${stderr}${stdout}`, {
          cause,
        })
      }
    },
  }
}
