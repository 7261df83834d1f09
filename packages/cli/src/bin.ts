#!/usr/bin/env node
import { runCli } from './run-cli.ts'

const { stdout, stderr, env: environment } = process
// Whoever reads may stop reading, as `head` does.
stdout.on('error', () => process.exit())
process.exitCode = await runCli(process.argv.slice(2), {
  environment,
  stdout,
  stderr,
  cwd: process.cwd(),
  // Opened by those who read it only.
  get stdin() {
    return process.stdin
  },
})
