import { Socket } from 'node:net'
import { isPartywallError } from '@partywall/context'
import { shapeOf } from '@partywall/context/spi'
import { type Command, Option } from 'commander'
import { type CliError, misconfigured, type Problem } from './cli-error.ts'
import { wholeNumber } from './command-options.ts'
import { withoutSecrets } from './without-secrets.ts'

export interface DatabaseOptions {
  readonly databaseUrl?: string
  /** In seconds. */
  readonly timeout: number
}

/** Where the database is, where no option says so: the command line is for everybody to see. */
const databaseVariable = 'DATABASE_URL'

export function withDatabase(command: Command): Command {
  return command
    .option(
      '--database-url <url>',
      `the live database (or ${databaseVariable}, which stays unseen)`,
    )
    .addOption(
      new Option('--timeout <seconds>', 'how long the database may take, from connecting on')
        .argParser(wholeNumber(1, 600))
        .default(30),
    )
}

/** What can be asked of a database. */
export interface Database {
  query(text: string): Promise<{ readonly rows: readonly Record<string, unknown>[] }>
}

interface Surroundings {
  readonly options: DatabaseOptions
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Works with the database that was given, in one transaction that can write nothing and keeps one
 * moment's truth. Whatever happens, the connection is gone before the time is up.
 * @throws {@link CliError} `cli.configuration` when it was not given, cannot be reached, or takes too
 * long. The URL is in no message.
 */
export async function useDatabase<Result>(
  { options, environment }: Surroundings,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const connectionString = readUrl(options, environment)
  // Loaded here: the switches must not wait for a driver that they do not use.
  const { default: pg } = await import('pg')
  const socket = new Socket()
  const state = { late: false }
  const timer = setTimeout(() => {
    state.late = true
    socket.destroy()
  }, options.timeout * 1000)
  try {
    const client = new pg.Client({
      connectionString,
      stream: () => socket,
      application_name: 'partywall',
    })
    // A connection that breaks also says so by an event, which would end the process.
    client.on('error', () => {})
    await client.connect()
    await client.query('begin isolation level repeatable read read only')
    await client.query(`set local statement_timeout = '${options.timeout}s'`)
    const result = await work(client)
    await client.end()
    return result
  } catch (error) {
    if (isPartywallError(error)) throw error
    throw unusable(error, state.late, options.timeout)
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

function readUrl(
  { databaseUrl }: DatabaseOptions,
  environment: Surroundings['environment'],
): string {
  const url = databaseUrl ?? environment[databaseVariable]
  if (url === undefined) {
    throw misconfigured(`the database is not given: use ${databaseVariable}, or --database-url`)
  }
  if (/^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url)) return url
  const name = databaseUrl === undefined ? databaseVariable : '--database-url'
  const problems: readonly Problem[] = [
    { name, shape: shapeOf(url), expected: 'postgresql://user@host/database' },
  ]
  throw misconfigured('the database is not given as a URL', { problems })
}

/** Never the URL: it may hold a password. */
function unusable(cause: unknown, late: boolean, timeout: number): CliError {
  const code = codeOf(cause)
  if (late || code === '57014') {
    const todo = 'see whether it is busy, or give it longer with --timeout'
    return misconfigured(`the database did not answer within ${timeout} s: ${todo}`, { cause })
  }
  const message = cause instanceof Error ? withoutSecrets(cause.message) : 'unknown error'
  const why = code ?? message
  if (/^(?:28|3D)/.test(why)) {
    const todo = 'see whether user, password and name in its URL are right'
    return misconfigured(`the database does not let us in (${why}): ${todo}`, { cause })
  }
  if (/^E[A-Z_]+$/.test(why)) {
    const todo = 'see whether it runs, and whether host and port in its URL are right'
    return misconfigured(`the database cannot be reached (${why}): ${todo}`, { cause })
  }
  return misconfigured(`the database cannot be read (${why})`, { cause })
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
