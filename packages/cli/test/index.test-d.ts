import { type CliOptions, type ExitCode, type exitCodes, type Output, runCli } from '@partywall/cli'
import { expectTypeOf, it } from 'vitest'

const output: Output = { write: () => true }
const options: CliOptions = { environment: {}, stdout: output, stderr: output, cwd: '/' }

it('takes a command line and what it may read, and promises an exit code', () => {
  expectTypeOf(runCli).parameters.toEqualTypeOf<[readonly string[], CliOptions]>()
  expectTypeOf(runCli(['doctor'], options)).resolves.toEqualTypeOf<number>()
  expectTypeOf<(typeof exitCodes)[keyof typeof exitCodes]>().toEqualTypeOf<ExitCode>()
  expectTypeOf(process.stdout).toExtend<Output>()
  expectTypeOf<CliOptions['clock']>().toEqualTypeOf<(() => number) | undefined>()
})

it('reads nothing by itself', () => {
  // @ts-expect-error the environment is passed in
  void runCli([], { stdout: output, stderr: output, cwd: '/' })
  // @ts-expect-error so is the folder that relative paths begin at
  void runCli([], { environment: {}, stdout: output, stderr: output })
  // @ts-expect-error and where to write
  void runCli([], { environment: {}, cwd: '/' })
  // @ts-expect-error a command line comes in words
  void runCli('doctor', options)
})
