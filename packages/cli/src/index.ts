/**
 * The `partywall` command, as a function.
 * @packageDocumentation
 */
export type { CliOptions, Input } from './call.ts'
export { type ExitCode, exitCodes } from './exit-code.ts'
export type { Output } from './output.ts'
export { runCli } from './run-cli.ts'
