// Asks the servers that DATABASE_URL and REDIS_URL name whether they are there, with node alone:
// whoever misspelt a port should not wait for an installation to learn of it.
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
