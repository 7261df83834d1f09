// Asks the servers that DATABASE_URL and REDIS_URL name whether they are there, with node alone:
// whoever misspelt a port should not wait for an installation to learn of it.
import { createRequire } from 'node:module'
import { connect } from 'node:net'

const answerWithinMs = 3_000
/** PostgreSQL answers this with one letter before anybody logs in. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/** One sentence for each server that is named and does not answer. Never repeats a URL. */
export async function unansweringServers({ DATABASE_URL = '', REDIS_URL = '' }) {
  const asked = [
    DATABASE_URL !== '' && [
      'DATABASE_URL',
      ask(() => postgresAddress(DATABASE_URL), sslRequest, 'SNE'),
      'start that PostgreSQL server or correct the URL; without DATABASE_URL we start our own',
    ],
    REDIS_URL !== '' && [
      'REDIS_URL',
      // A server that wants a password or TLS first is there, too.
      ask(() => redisAddress(REDIS_URL), Buffer.from('PING\r\n'), '+-\x15'),
      'start that Redis server or correct the URL; without REDIS_URL we start our own',
    ],
  ]
  const sentences = []
  for (const [name, answer, advice] of asked.filter(Boolean)) {
    const reason = await answer
    if (reason !== undefined) sentences.push(`${name}: ${reason}. Please ${advice}.`)
  }
  return sentences
}

function postgresAddress(text) {
  const url = new URL(text)
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw new Error('scheme')
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname || 'localhost')
  const port = Number(url.searchParams.get('port') ?? (url.port || 5432))
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
}

function redisAddress(text) {
  if (text.startsWith('/')) return { path: text }
  const url = new URL(text)
  if (!/^rediss?:$/.test(url.protocol)) throw new Error('scheme')
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || 6379) }
}

/** Undefined when the server answers as expected, else what is wrong. */
function ask(addressOf, question, firstBytes) {
  let address
  try {
    address = addressOf()
  } catch {
    return Promise.resolve('this is no URL of such a server')
  }
  return new Promise((resolve) => {
    const socket = connect(address)
    const done = (reason) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(reason)
    }
    const timer = setTimeout(
      () => done(`no answer within ${answerWithinMs / 1_000} s`),
      answerWithinMs,
    )
    socket.once('connect', () => socket.write(question))
    socket.once('error', ({ code, errors }) => done(`no answer (${code ?? errors?.[0]?.code})`))
    socket.once('close', () => done('the server hung up'))
    socket.once('data', (answer) =>
      done(
        firstBytes.includes(String.fromCharCode(answer[0] ?? 0))
          ? undefined
          : 'something else answers there',
      ),
    )
  })
}

/**
 * One sentence when the user of DATABASE_URL may not log in or may not create a database. Needs the
 * driver, so it is asked after the installation.
 */
export async function refusingDatabase({ DATABASE_URL = '' }, requireFrom) {
  if (DATABASE_URL === '') return undefined
  const { Client } = createRequire(requireFrom)('pg')
  const client = new Client({ connectionString: DATABASE_URL, connectionTimeoutMillis: 4_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query(
      'select rolcreatedb or rolsuper as allowed from pg_roles where rolname = current_user',
    )
    if (rows[0]?.allowed === true) return undefined
    return 'DATABASE_URL: its user may not create databases. Please grant it CREATEDB; without DATABASE_URL we start our own server.'
  } catch (error) {
    const reason = typeof error.code === 'string' ? error.code : 'no answer within 4 s'
    return `DATABASE_URL: the server does not let us in (${reason}). Please correct the user, the password or the database; without DATABASE_URL we start our own server.`
  } finally {
    await client.end().catch(() => {})
  }
}
