#!/usr/bin/env node
import { runCli } from './run-cli.ts'

const { stdout, stderr, env: environment } = process
process.exitCode = await runCli(process.argv.slice(2), {
  environment,
  stdout,
  stderr,
  cwd: process.cwd(),
})
