import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { setReference } from './guarded-process.ts'

/**
 * Reads the server's URL, where `pg` is, and names that come (`+a`) and go (`-a`); when its input
 * closes, however the owner ended, it drops the databases that are left.
 */
const script = `
let text = ''
for await (const chunk of process.stdin) text += chunk
const [connectionString, driver, ...lines] = text.split('\\n')
const left = new Set()
for (const line of lines) left[line[0] === '+' ? 'add' : 'delete'](line.slice(1))
if (left.size > 0) {
  const { default: pg } = await import(driver)
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 4000 })
  await client.connect()
  for (const name of left) await client.query('drop database if exists ' + name + ' with (force)')
  await client.end()
}
`

/** Sees to it that databases on a server that is not ours do not outlive this process. */
export interface DatabaseJanitor {
  watch(name: string): void
  forget(name: string): void
  /** Drops what is left, and ends. */
  end(): Promise<void>
}

export function startDatabaseJanitor(adminUrl: string): DatabaseJanitor {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  // Its end shows in the server, not here.
  child.stdin.on('error', () => {})
  const driver = pathToFileURL(createRequire(import.meta.url).resolve('pg')).href
  child.stdin.write(`${adminUrl}\n${driver}\n`)
  child.unref()
  setReference(child.stdin, 'unref')
  return {
    watch: (name) => void child.stdin.write(`+${name}\n`),
    forget: (name) => void child.stdin.write(`-${name}\n`),
    end: async () => {
      child.ref()
      child.stdin.end()
      await ended
    },
  }
}
